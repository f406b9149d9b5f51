"""Makes training batches: images of one size, the answers' token ids, and what the dense head learns of each cell."""
from __future__ import annotations

import math
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

import augment
import vocabulary as vocab
from data import Screen, ScreenStore, elements_of

PATCHES_A_CELL = 4
MOST_CELLS = 920
SMALL_CELLS = 450
PADDING = -1

COMMON_SIZES = {
    (40, 23): 4.0, (38, 24): 2.0, (36, 25): 1.0, (44, 20): 1.0, (33, 27): 1.0, (30, 30): 0.5, (24, 36): 0.7,
    (14, 30): 1.0, (20, 30): 0.7, (32, 18): 2.0, (28, 20): 1.5, (24, 24): 0.7, (20, 15): 1.0, (16, 12): 0.5,
}  # fmt: skip
"""Columns and rows of cells, and how often an image has this size, beside the sizes of the screens themselves."""

DrawScreen = Callable[[np.random.Generator], tuple[np.ndarray, list[dict]]]


@dataclass(frozen=True)
class BatchOptions:
    seed: int = 1
    patches: int = 112_000
    """Patches of a whole batch, at most; one image at least."""
    most_elements: int = 320
    """Of an answer; what follows is not learned."""
    procedural_share: float = 0.5
    recoloured: float = 0.5
    windowed: float = 0.2
    compressed: float = 0.04
    augmented: bool = True
    small_first: int = 0
    """So many batches at the beginning hold small images only: a network that knows nothing learns more quickly so."""


@dataclass
class Batch:
    """`images` [n, height, width, 3] uint8; `answers` [n, 2 + 5k] int16, PADDING behind the end; `cell_labels`
    [n, cells] int8 (PADDING: no element has its centre there) and `cell_boxes` [n, cells, 4] float32: distances in cells
    from the cell's centre to the element's left, top, right and bottom."""

    images: np.ndarray
    answers: np.ndarray
    cell_labels: np.ndarray
    cell_boxes: np.ndarray

    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.images, self.answers, self.cell_labels, self.cell_boxes


def sizes_of(stores: Sequence[ScreenStore]) -> dict[tuple[int, int], float]:
    """How often each image size (in cells) is to occur: half by the common sizes, half by the screens' own."""
    own = Counter((f.width // vocab.CELL, f.height // vocab.CELL) for store in stores for f in store.files)
    weights = {size: weight / sum(COMMON_SIZES.values()) for size, weight in COMMON_SIZES.items()}
    most = [(size, count) for size, count in own.most_common(8) if size[0] * size[1] <= MOST_CELLS and min(size) > 0]
    for size, count in most:
        weights[size] = weights.get(size, 0) + count / sum(count for _, count in most)
    return weights


def make_batch(screens: Sequence[Screen], most_elements: int) -> Batch:
    """Screens of one size, sides multiples of 32 px."""
    height, width = screens[0].pixels.shape[:2]
    rows, columns = height // vocab.CELL, width // vocab.CELL
    answers, labels, boxes = [], [], []
    for screen in screens:
        order = vocab.raster_order(screen.boxes)
        ordered, ordered_labels = screen.boxes[order], screen.labels[order]
        answer = vocab.encode_answer(ordered, ordered_labels, width, height)
        whole = len(order) <= most_elements
        answers.append(np.append(answer, vocab.TURN_END) if whole else answer[: 1 + 5 * most_elements - 1])
        cell_labels, cell_boxes = _cells(ordered, ordered_labels, rows, columns)
        labels.append(cell_labels)
        boxes.append(cell_boxes)
    elements = max(1, -(-(max(map(len, answers)) - 2) // 5))
    padded = np.full((len(screens), 2 + 5 * elements), PADDING, dtype=np.int16)
    for row, answer in zip(padded, answers):
        row[: len(answer)] = answer
    return Batch(np.stack([screen.pixels for screen in screens]), padded, np.stack(labels), np.stack(boxes))


def _cells(boxes: np.ndarray, labels: np.ndarray, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    cell_labels = np.full(rows * columns, PADDING, dtype=np.int8)
    cell_boxes = np.zeros((rows * columns, 4), dtype=np.float32)
    # The smallest element of a cell is written last and stays.
    order = np.argsort(-np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), kind="stable")
    boxes, labels = boxes[order] / vocab.CELL, labels[order]
    column = np.clip((boxes[:, 0] + boxes[:, 2]) // 2, 0, columns - 1)
    row = np.clip((boxes[:, 1] + boxes[:, 3]) // 2, 0, rows - 1)
    cell = (row * columns + column).astype(np.int64)
    centre = np.stack([column, row, column, row], axis=1) + 0.5
    cell_labels[cell] = labels
    cell_boxes[cell] = boxes - centre
    return cell_labels, cell_boxes


class BatchMaker:
    """Makes the batch of any number: the same seed and number give the same batch, in whatever process."""

    def __init__(self, options: BatchOptions, stores: Sequence[ScreenStore], draw: DrawScreen | None) -> None:
        self.options = options
        self.stores = [store for store in stores if len(store) > 0]
        self.draw = draw
        self.failures: list[str] = []
        if not self.stores and draw is None:
            raise ValueError("there are neither screens nor a function that draws some")
        weights = sizes_of(self.stores)
        self._sizes = sorted(weights)
        self._chances = np.array([weights[size] for size in self._sizes]) / sum(weights.values())

    def make(self, number: int) -> Batch:
        rng = np.random.default_rng([self.options.seed, number])
        chances = self._chances
        if number < self.options.small_first:
            chances = chances * [columns * rows <= SMALL_CELLS for columns, rows in self._sizes]
        columns, rows = self._sizes[rng.choice(len(self._sizes), p=chances / chances.sum())]
        count = max(1, self.options.patches // (PATCHES_A_CELL * columns * rows))
        size = (columns * vocab.CELL, rows * vocab.CELL)
        return make_batch([self._sample(size, rng) for _ in range(count)], self.options.most_elements)

    def _sample(self, size: tuple[int, int], rng: np.random.Generator) -> Screen:
        """One screen in its new look. A source that fails is reported and another one is asked."""
        for _ in range(10):
            try:
                return self._augmented(size, rng)
            except Exception:  # noqa: BLE001 - one broken file or drawing must not end a training run
                if len(self.failures) < 5:
                    self.failures.append(traceback.format_exc())
        raise RuntimeError(f"ten screens in a row failed: {self.failures[-1]}")

    def _augmented(self, size: tuple[int, int], rng: np.random.Generator) -> Screen:
        options = self.options
        screen = self._fitting(size, rng)
        if not options.augmented:
            return augment.cut(screen, (0, 0, screen.pixels.shape[1], screen.pixels.shape[0]), size)
        screen = augment.view(screen, size, rng)
        if rng.random() < options.windowed:
            screen = augment.with_window(screen, self._any(rng), rng)
        pixels = screen.pixels
        if rng.random() < options.recoloured:
            pixels = augment.recolour(pixels, rng)
        if rng.random() < options.compressed:
            pixels = augment.compressed(pixels, rng)
        return Screen(pixels, screen.boxes, screen.labels)

    def _any(self, rng: np.random.Generator) -> Screen:
        if self.draw is not None and (not self.stores or rng.random() < self.options.procedural_share):
            pixels, elements = self.draw(rng)
            return Screen(pixels, *elements_of(elements))
        index = int(rng.integers(0, sum(map(len, self.stores))))
        for store in self.stores:
            if index < len(store):
                return store[index]
            index -= len(store)
        raise IndexError(index)

    def _fitting(self, size: tuple[int, int], rng: np.random.Generator) -> Screen:
        """A screen of about the image's format, if one comes within a few tries."""
        drawn = self.draw is not None and (not self.stores or rng.random() < self.options.procedural_share)
        screen = None
        for _ in range(4 if drawn else 12):
            if drawn:
                pixels, elements = self.draw(rng)
                screen = Screen(pixels, *elements_of(elements))
            else:
                screen = self._stored(size, rng)
            height, width = screen.pixels.shape[:2]
            if abs(math.log(width / height) - math.log(size[0] / size[1])) < 0.4:
                return screen
        return screen

    def _stored(self, size: tuple[int, int], rng: np.random.Generator) -> Screen:
        """Looks at the files' sizes first, so that none is decoded in vain."""
        store, index = self.stores[0], 0
        for _ in range(12):
            index = int(rng.integers(0, sum(map(len, self.stores))))
            for store in self.stores:
                if index < len(store):
                    break
                index -= len(store)
            file = store.files[index]
            if abs(math.log(file.width / file.height) - math.log(size[0] / size[1])) < 0.4:
                break
        return store[index]
