import type { PresetDeclaration } from "./declaration.ts";

/**
 * The localisation prompt of the Holo models: the schema stands there in the notation in which Python prints a dictionary.
 * Source: H Company's localisation notebooks (hai-cookbook) and its page on element localisation.
 */
function holoText(schema: string): string {
  return (
    "Localize an element on the GUI image according to the provided target and output a click position.\n" +
    ` * You must output a valid JSON following the format: ${schema}\n Your target is:\n{target}`
  );
}

function xySchema(title: string, describe: (axis: string) => string): string {
  const field = (axis: string) =>
    `'${axis.toLowerCase()}': {'description': '${describe(axis)}', 'maximum': 1000, 'minimum': 0, ` +
    `'title': '${axis}', 'type': 'integer'}`;
  return `{'properties': {${field("X")}, ${field("Y")}}, 'required': ['x', 'y'], 'title': '${title}', 'type': 'object'}`;
}

const clickAbsoluteSchema =
  "{'description': 'Click at absolute coordinates.', 'properties': {" +
  "'action': {'const': 'click_absolute', 'default': 'click_absolute', 'title': 'Action', 'type': 'string'}, " +
  "'x': {'description': 'The x coordinate, number of pixels from the left edge.', 'title': 'X', 'type': 'integer'}, " +
  "'y': {'description': 'The y coordinate, number of pixels from the top edge.', 'title': 'Y', 'type': 'integer'}}, " +
  "'required': ['x', 'y'], 'title': 'ClickAbsoluteAction', 'type': 'object'}";

/** Words of UI-Venus from version 1.5 on. */
const venusPointText =
  "Output the center point of the position corresponding to the following instruction: \n{target}. \n\n" +
  "The output should just be the coordinates of a point, in the format [x,y].";

const xyAnswer = '{"x":{x},"y":{y}}';

/** Holoscope's own presets. Of a model made from a base, the base's comes after it. */
export const builtInPresets = [
  {
    id: "holo1.5",
    name: "Holo1.5",
    base: "qwen2.5-vl",
    models: ["holo1.5", "holo1", "holo"],
    source: "H Company's localisation notebook for Holo1.5 (github.com/hcompai/hai-cookbook, holo1_5)",
    locate: { text: holoText(clickAbsoluteSchema), answer: '{"action":"click_absolute","x":{x},"y":{y}}' },
  },
  {
    id: "holo2",
    name: "Holo2",
    base: "qwen3-vl",
    thinks: true,
    models: ["holo2", "holo"],
    source: "H Company's localisation notebook for Holo2 (github.com/hcompai/hai-cookbook, holo2)",
    locate: {
      text: holoText(
        xySchema("ClickCoordinates", (axis) => `The ${axis.toLowerCase()} coordinate, normalized between 0 and 1000.`),
      ),
      answer: xyAnswer,
    },
  },
  {
    id: "holo3",
    name: "Holo3, Holo3.1 and Holo4",
    base: "qwen3.5",
    models: ["holo3", "holo4", "holo"],
    source: "H Company's page on element localisation (hub.hcompany.ai/models-api/element-localization)",
    locate: {
      text: holoText(xySchema("VisualLocalizerOutput", (axis) => `${axis} coordinate as integer in [0, 1000]`)),
      answer: xyAnswer,
    },
  },
  {
    id: "ui-tars-1.5",
    name: "UI-TARS-1.5",
    base: "qwen2.5-vl",
    models: ["ui-tars-1.5"],
    // The published prompt puts Qwen's box tokens around the coordinates; an answer comes without them, since a server
    // leaves special tokens out (README_deploy.md, "Expected Output").
    source: "ByteDance's GROUNDING prompt and deployment guide (github.com/bytedance/UI-TARS)",
    locate: {
      text:
        "You are a GUI agent. You are given a task and your action history, with screenshots. You need to perform the next " +
        "action to complete the task. \n\n## Output Format\n\nAction: ...\n\n\n## Action Space\n" +
        "click(start_box='<|box_start|>(x1,y1)<|box_end|>')\n\n## User Instruction\n{target}",
      answer: "Action: click(start_box='({x},{y})')",
    },
  },
  {
    id: "ui-venus",
    name: "UI-Venus-Ground 1.0",
    base: "qwen2.5-vl",
    models: ["ui-venus-ground", "ui-venus"],
    source: "inclusionAI's grounding code (github.com/inclusionAI/UI-Venus, models/grounding/ui_venus_ground_7b.py)",
    // Its code shows the model 2,000,000 to 4,800,000 px.
    imageTokens: { min: 2552 },
    locate: {
      text: "Outline the position corresponding to the instruction: {target}. The output should be only [x1,y1,x2,y2].",
      answer: "[{x1},{y1},{x2},{y2}]",
    },
  },
  {
    id: "ui-venus-1.5",
    name: "UI-Venus 1.5",
    base: "qwen3-vl",
    models: ["ui-venus-1.5", "ui-venus"],
    source: "inclusionAI's grounding code (github.com/inclusionAI/UI-Venus, models/grounding/ui_venus1_5_gd.py)",
    locate: { text: venusPointText, answer: "[{x},{y}]" },
  },
  {
    id: "ui-venus-2",
    name: "UI-Venus 2",
    base: "qwen3.5",
    models: ["ui-venus-2", "ui-venus"],
    // Its sentence on infeasible tasks is left out, as the code of version 1.5 can: no such answer can be shown.
    source: "inclusionAI's grounding code (github.com/inclusionAI/UI-Venus, models/grounding/ui_venus2_gd.py)",
    locate: { text: venusPointText, answer: "[{x},{y}]" },
  },
  {
    id: "gta1",
    name: "GTA1",
    base: "qwen2.5-vl",
    models: ["gta1"],
    source: "GTA1's inference code (github.com/Yan98/GTA1)",
    locate: {
      system:
        "You are an expert UI element locator. Given a GUI image and a user's element description, provide the coordinates " +
        "of the specified element as a single (x,y) point. The image resolution is height {height} and width {width}. For " +
        "elements with area, return the center point.\n\nOutput the coordinate pair exactly:\n(x,y)",
      text: "{target}",
      answer: "({x},{y})",
    },
  },
  {
    id: "qwen2.5-vl",
    name: "Qwen2.5-VL",
    base: "qwen2.5-vl",
    models: ["qwen2.5-vl"],
    source: "Qwen's notebook on spatial understanding with Qwen2.5-VL (github.com/QwenLM/Qwen3-VL, cookbooks)",
  },
  {
    id: "qwen3-vl",
    name: "Qwen3-VL",
    base: "qwen3-vl",
    models: ["qwen3-vl"],
    source: "Qwen's notebook on 2D grounding with Qwen3-VL (github.com/QwenLM/Qwen3-VL, cookbooks)",
  },
  {
    id: "qwen3.5",
    name: "Qwen3.5 and 3.6",
    base: "qwen3.5",
    models: ["qwen3.5", "qwen3.6"],
    source: "Qwen's model cards; boxes as Qwen3-VL's",
  },
] as const satisfies readonly PresetDeclaration[];

export type PresetId = (typeof builtInPresets)[number]["id"];
