import type { Evidence, EvidenceTopic, Source } from "../../contract/index.ts";

/** One fact; a row without a value is no fact. */
export type EvidenceRow = readonly [id: string, label: string, value: string | undefined, source: Source];

/** The facts of a topic, whose ids get the topic in front: "machine.cpu", "log.context". */
export function evidenceRows(topic: EvidenceTopic, rows: readonly EvidenceRow[]): Evidence[] {
  const group = topic === "engine-log" ? "log" : topic;
  return rows.flatMap(([id, label, value, source]) =>
    value === undefined ? [] : [{ topic, id: `${group}.${id}`, label, value, source }],
  );
}
