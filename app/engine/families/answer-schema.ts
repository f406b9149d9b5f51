import { type AnswerTemplate, fillTemplate } from "../../contract/index.ts";

/** A JSON schema, as engines take it that know no grammars. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Least and greatest number that a model may write for a coordinate. */
export interface CoordinateRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** Of a list of boxes. @param label schema of a label */
export function boxListSchema(range: CoordinateRange, label: JsonSchema, maxDetections: number): JsonSchema {
  return {
    type: "array",
    maxItems: maxDetections,
    items: objectSchema({ bbox_2d: numbersSchema(4, range), label }),
  };
}

/** Of an answer that a template describes; undefined if it is no JSON. */
export function templateSchema(template: AnswerTemplate, range: CoordinateRange): JsonSchema | undefined {
  // Numbers that no template has: where they are found again, there is a coordinate.
  const marks = template.coordinates.map((_, index) => 7_000_001 + index);
  try {
    const sample: unknown = JSON.parse(fillTemplate(template, marks));
    return schemaOf(sample, marks, range);
  } catch {
    return undefined;
  }
}

function schemaOf(value: unknown, marks: readonly number[], range: CoordinateRange): JsonSchema {
  if (typeof value === "number" && marks.includes(value)) return { type: "integer", ...range };
  if (Array.isArray(value)) {
    if (value.every((item) => marks.includes(item))) return numbersSchema(value.length, range);
    const items = value.map((item) => schemaOf(item, marks, range));
    return { type: "array", prefixItems: items, minItems: items.length, maxItems: items.length };
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([key, inner]) => [key, schemaOf(inner, marks, range)]);
    return objectSchema(Object.fromEntries(fields));
  }
  return { const: value };
}

function numbersSchema(count: number, range: CoordinateRange): JsonSchema {
  return { type: "array", items: { type: "integer", ...range }, minItems: count, maxItems: count };
}

function objectSchema(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
