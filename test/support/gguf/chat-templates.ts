import type { PresetBase } from "../../../app/contract/index.ts";

/** Turns in ChatML, images as the Qwen-VL models have them. */
const turns =
  "{% for message in messages %}<|im_start|>{{ message.role }}\n{% if message.content is string %}{{ message.content }}" +
  "{% else %}{% for part in message.content %}{% if part.type == 'text' %}{{ part.text }}{% else %}" +
  "<|vision_start|><|image_pad|><|vision_end|>{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/**
 * Templates for the tests that do what the chat templates of the bases are documented to do: Qwen2.5-VL's begins a chat
 * without a system message with one of its own, Qwen3.5's ends with an empty block of thoughts where thinking is off.
 */
export const chatTemplates: Readonly<Record<PresetBase, string>> = {
  "qwen2.5-vl":
    "{% if messages[0].role != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}" +
    turns,
  "qwen3-vl": turns,
  "qwen3.5":
    turns +
    "{% if add_generation_prompt %}{% if enable_thinking is defined and enable_thinking is false %}" +
    "{{ '<think>\\n\\n</think>\\n\\n' }}{% else %}{{ '<think>\\n' }}{% endif %}{% endif %}",
};
