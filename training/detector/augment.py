"""One screen seen in other ways: another part and size of it, other colours, under a window of another screen."""
from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image

from data import Screen

LEAST_INSIDE = 0.6
"""Elements with less of their area inside a cut are left out; the others are cut with it."""
MOST_COVERED = 0.5
LONG = 3.0
"""A row or a field that is cut at one end is still one while it is this many times as long as it is high (or wide)."""
LEAST_SIDE = 3.0
"""px; what is smaller cannot be seen."""
LARGEST_SCALE = 1.5
ASPECT_JITTER = 0.05


def still_long(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Which boxes [n,4] were cut along one axis only and kept a length of LONG times the other side."""
    old, new = before[:, 2:] - before[:, :2], after[:, 2:] - after[:, :2]
    whole = new >= 0.95 * old
    return (whole[:, 1] & (new[:, 0] >= LONG * new[:, 1])) | (whole[:, 0] & (new[:, 1] >= LONG * new[:, 0]))


def select(screen: Screen, boxes: np.ndarray, keep: np.ndarray, pixels: np.ndarray) -> Screen:
    return Screen(pixels, boxes[keep], screen.labels[keep])


def cut(screen: Screen, window: tuple[float, float, float, float], size: tuple[int, int]) -> Screen:
    """The part of a screen inside a window (x1, y1, x2, y2, px), scaled to a size (width, height)."""
    x1, y1, x2, y2 = window
    width, height = size
    boxes = screen.boxes
    clipped = np.clip(boxes, [x1, y1, x1, y1], [x2, y2, x2, y2])
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    inside = np.prod(clipped[:, 2:] - clipped[:, :2], axis=1)
    scale = np.array([width / (x2 - x1), height / (y2 - y1)] * 2)
    moved = (clipped - [x1, y1, x1, y1]) * scale
    keep = (inside >= LEAST_INSIDE * area) | still_long(boxes, clipped)
    keep &= (inside > 0) & ((moved[:, 2:] - moved[:, :2]).min(axis=1, initial=np.inf) >= LEAST_SIDE)
    if (x2 - x1, y2 - y1) == (width, height) and x1 == int(x1) and y1 == int(y1):
        pixels = screen.pixels[int(y1) : int(y2), int(x1) : int(x2)].copy()
    else:
        # Catmull-Rom, widened when shrinking: the filter with which the app resizes.
        image = Image.fromarray(screen.pixels).resize(size, Image.BICUBIC, box=window, reducing_gap=None)
        pixels = np.array(image)
    return select(screen, moved, keep, pixels)


def view(screen: Screen, size: tuple[int, int], rng: np.random.Generator) -> Screen:
    """The whole screen or a part of it as an image of this size (width, height)."""
    width, height = size
    full_height, full_width = screen.pixels.shape[:2]
    least_scale = max(width / full_width, height / full_height)
    if least_scale > LARGEST_SCALE:
        return on_plain_ground(screen, size, rng)
    scale, jitter = least_scale, 1.0
    if rng.random() < 0.55:
        highest = max(least_scale, min(LARGEST_SCALE, 1.6 * least_scale))
        scale = math.exp(rng.uniform(math.log(least_scale), math.log(highest)))
        jitter = math.exp(rng.uniform(-ASPECT_JITTER, ASPECT_JITTER))
    elif abs(math.log(full_width / full_height) - math.log(width / height)) < 2 * ASPECT_JITTER:
        # The whole screen, as the app shows it to the detector.
        return cut(screen, (0, 0, full_width, full_height), size)
    part_width = min(full_width, width / (scale * jitter))
    part_height = min(full_height, height / (scale / jitter))
    x = float(rng.integers(0, int(full_width - part_width) + 1))
    y = float(rng.integers(0, int(full_height - part_height) + 1))
    return cut(screen, (x, y, x + part_width, y + part_height), size)


def on_plain_ground(screen: Screen, size: tuple[int, int], rng: np.random.Generator) -> Screen:
    """The whole screen somewhere on a ground of one colour: for screens of another format than the image."""
    width, height = size
    full_height, full_width = screen.pixels.shape[:2]
    scale = min(width / full_width, height / full_height, rng.uniform(0.75, 1.25))
    inner = (max(1, int(full_width * scale)), max(1, int(full_height * scale)))
    small = cut(screen, (0, 0, full_width, full_height), inner)
    x, y = int(rng.integers(0, width - inner[0] + 1)), int(rng.integers(0, height - inner[1] + 1))
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = rng.integers(0, 256, 3)
    pixels[y : y + inner[1], x : x + inner[0]] = small.pixels
    return Screen(pixels, small.boxes + [x, y, x, y], small.labels)


def cover(screen: Screen, window: Screen, x: int, y: int) -> Screen:
    """A screen with a smaller one laid over it at (x, y). What is mostly hidden is left out, straight cuts are made."""
    height, width = window.pixels.shape[:2]
    x2, y2 = x + width, y + height
    pixels = screen.pixels
    pixels[y:y2, x:x2] = window.pixels
    boxes = screen.boxes.copy()
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    clipped = np.clip(boxes, [x, y, x, y], [x2, y2, x2, y2])
    hidden = np.prod(clipped[:, 2:] - clipped[:, :2], axis=1)
    keep = hidden <= MOST_COVERED * area
    whole_width = (boxes[:, 0] >= x) & (boxes[:, 2] <= x2) & (hidden > 0)
    whole_height = (boxes[:, 1] >= y) & (boxes[:, 3] <= y2) & (hidden > 0)
    for whole, low, high, start, end in ((whole_width, 1, 3, y, y2), (whole_height, 0, 2, x, x2)):
        from_start = whole & (boxes[:, low] >= start) & (boxes[:, low] < end)
        to_end = whole & (boxes[:, high] <= end) & (boxes[:, high] > start) & ~from_start
        boxes[from_start, low] = np.minimum(end, boxes[from_start, high])
        boxes[to_end, high] = start
    keep |= still_long(screen.boxes, boxes) & (whole_width | whole_height)
    keep &= (boxes[:, 2:] - boxes[:, :2]).min(axis=1, initial=np.inf) >= LEAST_SIDE
    return Screen(
        pixels,
        np.concatenate([boxes[keep], window.boxes + [x, y, x, y]]),
        np.concatenate([screen.labels[keep], window.labels]),
    )


def with_window(screen: Screen, other: Screen, rng: np.random.Generator) -> Screen:
    """Lays a part of another screen over this one, as an overlapping window with a frame or a shadow."""
    height, width = screen.pixels.shape[:2]
    other_height, other_width = other.pixels.shape[:2]
    scale = rng.uniform(0.75, 1.15)
    size = (
        int(min(width * rng.uniform(0.25, 0.75), other_width * scale)),
        int(min(height * rng.uniform(0.25, 0.75), other_height * scale)),
    )
    part = (size[0] / scale, size[1] / scale)
    left, top = rng.uniform(0, max(0.0, other_width - part[0])), rng.uniform(0, max(0.0, other_height - part[1]))
    box = (left, top, min(other_width, left + part[0]), min(other_height, top + part[1]))
    window = cut(other, box, size)
    if rng.random() < 0.6:
        frame = rng.integers(0, 256, 3)
        window.pixels[[0, -1]] = frame
        window.pixels[:, [0, -1]] = frame
    x, y = int(rng.integers(0, width - size[0] + 1)), int(rng.integers(0, height - size[1] + 1))
    if rng.random() < 0.6:
        reach = int(rng.integers(2, 14))
        shade = screen.pixels[max(0, y - reach // 2) : y + size[1] + reach, max(0, x - reach) : x + size[0] + reach]
        shade[:] = (shade * rng.uniform(0.6, 0.95)).astype(np.uint8)
    return cover(screen, window, x, y)


def recolour(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hue, saturation, contrast, brightness, inversion and a swap of channels, as one matrix."""
    matrix, offset = np.eye(3), np.zeros(3)
    if rng.random() < 0.7:
        matrix = _hue_rotation(rng.uniform(-math.pi, math.pi))
    grey = np.full((3, 3), 1 / 3)
    saturation = rng.uniform(0.2, 1.4)
    matrix = (saturation * np.eye(3) + (1 - saturation) * grey) @ matrix
    if rng.random() < 0.15:
        matrix = matrix[rng.permutation(3)]
    contrast = rng.uniform(0.55, 1.15)
    matrix, offset = contrast * matrix, offset + 128 * (1 - contrast) + rng.uniform(-30, 30, 3) * rng.random()
    if rng.random() < 0.3:
        matrix, offset = -matrix, 255 - offset
    flat = np.concatenate([matrix, offset[:, None]], axis=1).ravel()
    return np.array(Image.fromarray(pixels).convert("RGB", tuple(flat.tolist())))


def _hue_rotation(angle: float) -> np.ndarray:
    """Turns colours about the grey axis (Rodrigues' formula)."""
    cos, sin = math.cos(angle), math.sin(angle) / math.sqrt(3)
    third = (1 - cos) / 3
    return third + np.array([[cos, -sin, sin], [sin, cos, -sin], [-sin, sin, cos]])


def compressed(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As a JPEG file of middling to poor quality gives it back."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=int(rng.integers(30, 90)))
    return np.array(Image.open(buffer).convert("RGB"))
