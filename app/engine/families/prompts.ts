/** Prompts of the supported models, in ChatML (the chat format of all Qwen models), image first. */

/** Marker that libmtmd replaces with the image's tokens. */
const imageMarker = "<__media__>";

/**
 * What begins the answer of a model that thinks before it answers and is not to: an empty block of thoughts. Source: the
 * chat template of Qwen3.5 with `enable_thinking` false.
 */
export const noThoughts = "<think>\n\n</think>\n\n";

/**
 * One user message with the image in front, without a system message, and the start of the answer.
 * @param begun what the answer begins with before the model writes
 */
export function chatPrompt(text: string, begun = ""): string {
  return `<|im_start|>user\n${imageMarker}${text}<|im_end|>\n<|im_start|>assistant\n${begun}`;
}

/** A user's words made harmless: no image marker and no control token such as `<|im_end|>` is left in them. */
export function plainText(text: string): string {
  return text.replaceAll("<|", "< |").replaceAll("<__", "< __").trim();
}

/**
 * The localisation prompt of the Holo models, as their published examples build it: the schema stands there in the
 * notation in which Python prints a dictionary.
 * Source: H Company's localisation notebooks for Holo1.5 (absolute px) and Holo2 (0..1000).
 */
export function holoClickPrompt(schema: string, target: string, begun?: string): string {
  return chatPrompt(
    "Localize an element on the GUI image according to the provided target and output a click position.\n" +
      ` * You must output a valid JSON following the format: ${schema}\n Your target is:\n${plainText(target)}`,
    begun,
  );
}

/** Schema of Holo1.5's answer. */
export const clickAbsoluteSchema =
  "{'description': 'Click at absolute coordinates.', 'properties': {" +
  "'action': {'const': 'click_absolute', 'default': 'click_absolute', 'title': 'Action', 'type': 'string'}, " +
  "'x': {'description': 'The x coordinate, number of pixels from the left edge.', 'title': 'X', 'type': 'integer'}, " +
  "'y': {'description': 'The y coordinate, number of pixels from the top edge.', 'title': 'Y', 'type': 'integer'}}, " +
  "'required': ['x', 'y'], 'title': 'ClickAbsoluteAction', 'type': 'object'}";

/** Schema of Holo2's answer. */
export const clickCoordinatesSchema =
  "{'properties': {" +
  "'x': {'description': 'The x coordinate, normalized between 0 and 1000.', 'maximum': 1000, 'minimum': 0, " +
  "'title': 'X', 'type': 'integer'}, " +
  "'y': {'description': 'The y coordinate, normalized between 0 and 1000.', 'maximum': 1000, 'minimum': 0, " +
  "'title': 'Y', 'type': 'integer'}}, 'required': ['x', 'y'], 'title': 'ClickCoordinates', 'type': 'object'}";

/** Schema of the answer of Holo3, Holo3.1 and Holo4. Source: H Company's documents of those models. */
export const visualLocalizerSchema =
  "{'properties': {" +
  "'x': {'description': 'X coordinate as integer in [0, 1000]', 'maximum': 1000, 'minimum': 0, " +
  "'title': 'X', 'type': 'integer'}, " +
  "'y': {'description': 'Y coordinate as integer in [0, 1000]', 'maximum': 1000, 'minimum': 0, " +
  "'title': 'Y', 'type': 'integer'}}, 'required': ['x', 'y'], 'title': 'VisualLocalizerOutput', 'type': 'object'}";

/** Asks a Qwen-VL model for every element in its native grounding format. */
export function groundAllPrompt(begun?: string): string {
  return chatPrompt(
    "Locate every UI element in this screenshot: buttons, inputs, check boxes, links, icons, tabs, menu items and text. " +
      "Report the bounding box coordinates and a short label of each in JSON format, " +
      'as a list of {"bbox_2d": [x1, y1, x2, y2], "label": "..."}.',
    begun,
  );
}

/** Asks a Qwen-VL model for one described element in its native grounding format. */
export function groundOnePrompt(target: string, begun?: string): string {
  return chatPrompt(
    `Locate the UI element that fits this description: ${plainText(target)}\n` +
      'Report its bounding box coordinates in JSON format, as [{"bbox_2d": [x1, y1, x2, y2], "label": "..."}].',
    begun,
  );
}

/** What {@link groundAllPrompt} and {@link groundOnePrompt} are answered with, as Qwen2.5-VL writes it. */
export const boxListExamples: readonly string[] = [
  '[\n\t{"bbox_2d": [12, 34, 567, 89], "label": "Save"},\n\t{"bbox_2d": [90, 123, 45, 678], "label": "Open file"}\n]',
];

/** Answers of the Holo models, written compactly as their published examples are. Two each, so that numbers differ. */
export const clickAbsoluteExamples: readonly string[] = [
  '{"action":"click_absolute","x":947,"y":38}',
  '{"action":"click_absolute","x":25,"y":416}',
];
export const clickCoordinatesExamples: readonly string[] = ['{"x":947,"y":38}', '{"x":25,"y":416}'];
