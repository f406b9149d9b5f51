import type { TemplateCheck, TemplateDifference } from "../contract/index.ts";

/** How the prompts compare with the model's own chat template, as sentences; all but the first begin with two spaces. */
export function templateLines({ verdict, differences, error }: TemplateCheck): string[] {
  const lines = differences.map((difference) => `  ${differenceText(difference)}`);
  if (verdict === "same") return ["chat template: the prompts are what it gives"];
  if (verdict === "deliberate") return ["chat template: the prompts differ from it, deliberately", ...lines];
  if (verdict === "differs") return ["chat template: the prompts are NOT what it gives; answers may suffer", ...lines];
  if (verdict === "absent") return ["chat template: the file has none, so the prompts could not be compared with it"];
  return [`chat template: it cannot be rendered, so the prompts could not be compared with it (${error ?? "unknown"})`];
}

/** One difference, as a sentence. */
export function differenceText({ mode, template, prompt, reason }: TemplateDifference): string {
  const quoted = (text: string) => (text === "" ? "nothing" : JSON.stringify(text));
  const said = `${mode}: where the template has ${quoted(template)}, the prompt has ${quoted(prompt)}`;
  return reason === undefined ? `${said}.` : `${said}: ${reason}`;
}
