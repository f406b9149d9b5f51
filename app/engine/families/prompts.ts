/** Prompts in ChatML, the chat format of all Qwen models, image first. */

/** Marker that libmtmd replaces with the image's tokens. */
export const imageMarker = "<__media__>";

/** What the chat template of a kind of model puts around the messages, beside ChatML's own tokens. */
export interface ChatFormat {
  /** The system message of a chat that has none of its own. */
  readonly system?: string;
  /** What begins the answer of a model that thinks before it answers and is not to. */
  readonly begun?: string;
}

/** The messages of a question as an engine with a chat template of its own takes them. */
export interface Chat {
  /** A system message; where absent the template decides. */
  readonly system?: string;
  /** The user's words, which follow the image. */
  readonly text: string;
  /** The model is to answer without thinking first; absent where it does not think. */
  readonly thinking?: false;
}

/** The messages as one ChatML text with one `<__media__>` marker and the start of the answer. */
export function chatPrompt({ system, text }: Chat, format: ChatFormat = {}): string {
  const before = system ?? format.system;
  return [
    ...(before === undefined ? [] : [`<|im_start|>system\n${before}<|im_end|>\n`]),
    `<|im_start|>user\n${imageMarker}${text}<|im_end|>\n`,
    `<|im_start|>assistant\n${format.begun ?? ""}`,
  ].join("");
}

/** A user's words made harmless: no image marker and no control token such as `<|im_end|>` is left in them. */
export function plainText(text: string): string {
  return text.replaceAll("<|", "< |").replaceAll("<__", "< __").trim();
}

/** Asks a Qwen-VL model for every element in its native grounding format. */
export const groundAllText =
  "Locate every UI element in this screenshot: buttons, inputs, check boxes, links, icons, tabs, menu items and text. " +
  "Report the bounding box coordinates and a short label of each in JSON format, " +
  'as a list of {"bbox_2d": [x1, y1, x2, y2], "label": "..."}.';

/** Asks a Qwen-VL model for one described element in its native grounding format. */
export function groundOneText(target: string): string {
  return (
    `Locate the UI element that fits this description: ${plainText(target)}\n` +
    'Report its bounding box coordinates in JSON format, as [{"bbox_2d": [x1, y1, x2, y2], "label": "..."}].'
  );
}

/** What {@link groundAllText} and {@link groundOneText} are answered with, as Qwen2.5-VL writes it. */
export const boxListExamples: readonly string[] = [
  '[\n\t{"bbox_2d": [12, 34, 567, 89], "label": "Save"},\n\t{"bbox_2d": [90, 123, 45, 678], "label": "Open file"}\n]',
];
