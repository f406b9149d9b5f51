"""The detector's vocabulary: how prompt and answer become token ids, and back.

An element takes five tokens: `x1,` `y1,` `x2,` `y2` and `],"label":"...` with the start of the next element or the end
of the list. A coordinate is `1000 * position / side`, rounded and at most 999: the scale on which the app maps it back.
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LABELS = (
    "button", "input", "checkbox", "radio", "toggle", "slider", "select", "tab", "link", "icon", "image", "menu_item",
    "list_item", "heading", "text",
)  # fmt: skip
LABEL_COLOURS = (
    "#0070a6", "#642819", "#2e337a", "#634765", "#409aaf", "#4d324f", "#853900", "#a780e6",
    "#da7e1e", "#6b8a6a", "#9848f4", "#a24c35", "#c86220", "#3d27d2", "#7f5c76",
)  # fmt: skip
"""The colours in which the app draws the labels, in their order; chosen in renderer/logic/label-colors.ts."""
LABEL_INDEX = {label: index for index, label in enumerate(LABELS)}
INTERACTIVE = frozenset(
    ("button", "input", "checkbox", "radio", "toggle", "slider", "select", "tab", "link", "icon", "menu_item", "list_item")
)

END_OF_TEXT, TURN_START, TURN_END, VISION_START, VISION_END, IMAGE_PAD = 257, 258, 259, 260, 261, 262
LIST_START, LIST_EMPTY, LABEL_MORE, LABEL_LAST, COORDINATE_COMMA = 263, 264, 265, 280, 295
BARE_TEN = 1295
SIZE = 2304
BINS = 1000
CELL = 32
"""px of the image that one image token stands for, each way."""

COMMA_TOKENS = np.arange(BINS) + COORDINATE_COMMA
BARE_TOKENS = np.concatenate([np.arange(10) + ord("0"), np.arange(10, BINS) + (BARE_TEN - 10)])

PROMPT = "Detect every UI element. Answer in JSON."


def _bytes(text: str) -> list[int]:
    """One token a byte: no merge but that of two spaces is known, and the prompt has no two spaces in a row."""
    if "  " in text:
        raise ValueError("two spaces in a row would become one token")
    return list(text.encode("utf-8"))


PROMPT_BEFORE_IMAGE = [TURN_START, *_bytes("user\n"), VISION_START]
PROMPT_AFTER_IMAGE = [VISION_END, *_bytes(PROMPT), TURN_END, *_bytes("\n"), TURN_START, *_bytes("assistant\n")]


def check_tokens(tokens: Sequence[str]) -> None:
    """Raises ValueError unless a model's `tokenizer.ggml.tokens` are the ones that this file describes."""
    expected = {TURN_START: "<|im_start|>", TURN_END: "<|im_end|>", LIST_START: '[{"bbox_2d":[', LIST_EMPTY: "[]"}
    for index, label in enumerate(LABELS):
        expected[LABEL_MORE + index] = f'],"label":"{label}"}},{{"bbox_2d":['
        expected[LABEL_LAST + index] = f'],"label":"{label}"}}]'
    for number in range(BINS):
        expected[int(COMMA_TOKENS[number])] = f"{number},"
        expected[int(BARE_TOKENS[number])] = str(number)
    wrong = [token for token, text in expected.items() if tokens[token] != text]
    if len(tokens) != SIZE or wrong:
        raise ValueError(f"another vocabulary: {len(tokens)} tokens, {len(wrong)} of them unexpected: {wrong[:5]}")


def raster_order(boxes: np.ndarray) -> np.ndarray:
    """Indices of boxes [n,4] (px) in the order of the 32-px cells of their centres; then by top, left, larger first."""
    column = (boxes[:, 0] + boxes[:, 2]) // (2 * CELL)
    row = (boxes[:, 1] + boxes[:, 3]) // (2 * CELL)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return np.lexsort((-area, boxes[:, 0], boxes[:, 1], column, row))


def coordinate_bins(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Boxes [n,4] in px of an image of this size, as bins 0..999."""
    scaled = boxes * (BINS / np.array([width, height, width, height], dtype=np.float64))
    return np.clip(np.floor(scaled + 0.5), 0, BINS - 1).astype(np.int64)


def encode_answer(boxes: np.ndarray, labels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Token ids of the answer without the end of turn, int16. Boxes [n,4] in px, already in raster order."""
    if len(boxes) == 0:
        return np.array([LIST_EMPTY], dtype=np.int16)
    bins = coordinate_bins(boxes, width, height)
    tokens = np.empty((len(boxes), 5), dtype=np.int16)
    tokens[:, :3] = COMMA_TOKENS[bins[:, :3]]
    tokens[:, 3] = BARE_TOKENS[bins[:, 3]]
    tokens[:, 4] = LABEL_MORE + labels
    tokens[-1, 4] = LABEL_LAST + labels[-1]
    return np.concatenate([np.array([LIST_START], dtype=np.int16), tokens.ravel()])


_BIN_OF_TOKEN = np.full(SIZE, -1, dtype=np.int64)
_BIN_OF_TOKEN[COMMA_TOKENS] = np.arange(BINS)
_BIN_OF_TOKEN[BARE_TOKENS] = np.arange(BINS)


def decode_answer(tokens: Sequence[int], width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes [n,4] in px and label indices [n] of an answer's token ids; ends at the first piece out of place."""
    boxes, labels = [], []
    body = list(tokens[1:]) if len(tokens) > 0 and tokens[0] == LIST_START else []
    for start in range(0, len(body) - 4, 5):
        bins = [int(_BIN_OF_TOKEN[token]) for token in body[start : start + 4]]
        label = body[start + 4]
        if min(bins) < 0 or not LABEL_MORE <= label < COORDINATE_COMMA:
            break
        boxes.append(bins)
        labels.append((label - LABEL_MORE) % len(LABELS))
        if label >= LABEL_LAST:
            break
    scale = np.array([width, height, width, height], dtype=np.float64) / BINS
    return np.array(boxes, dtype=np.float64).reshape(-1, 4) * scale, np.array(labels, dtype=np.int64)
