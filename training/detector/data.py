"""Screens to learn from: folders of rendered pages, and a function that draws screens.

A folder holds `<split>.jsonl` and images beside it; one line a screen:
{"image", "width", "height", "elements": [{"bbox": [x1, y1, x2, y2] (px), "label"}], ...}.
"""
from __future__ import annotations

import json
import mmap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import vocabulary as vocab


@dataclass(frozen=True)
class Screen:
    """Pixels [height, width, 3] uint8, boxes [n,4] in px and label indices [n]."""

    pixels: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class ScreenFile:
    path: Path
    width: int
    height: int
    boxes: np.ndarray
    labels: np.ndarray


def elements_of(elements: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """Boxes [n,4] and label indices [n]; elements with a label that the detector has not are left out."""
    known = [element for element in elements if element["label"] in vocab.LABEL_INDEX]
    boxes = np.array([element["bbox"] for element in known], dtype=np.float64).reshape(-1, 4)
    labels = np.array([vocab.LABEL_INDEX[element["label"]] for element in known], dtype=np.int64)
    return boxes, labels


def read_split(folder: Path, split: str) -> list[ScreenFile]:
    """The screens of a split; none if the folder has no such split. SystemExit if two lines share an image."""
    listing = folder / f"{split}.jsonl"
    if not listing.exists():
        return []
    screens: list[ScreenFile] = []
    seen: set[str] = set()
    for line in listing.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        entry = json.loads(line)
        if entry["image"] in seen:
            raise SystemExit(f"{listing} has two lines for {entry['image']}: two generators wrote to the same file")
        seen.add(entry["image"])
        boxes, labels = elements_of(entry["elements"])
        screens.append(ScreenFile(folder / entry["image"], entry["width"], entry["height"], boxes, labels))
    return screens


def open_screen(file: ScreenFile) -> Screen:
    with Image.open(file.path) as image:
        pixels = np.asarray(image.convert("RGB"))
    if pixels.shape[:2] != (file.height, file.width):
        raise ValueError(f"{file.path} is {pixels.shape[1]}x{pixels.shape[0]}, not {file.width}x{file.height}")
    return Screen(pixels, file.boxes, file.labels)


class ScreenStore:
    """Screens that are decoded once, into memory that forked processes share, by whichever needs one first."""

    def __init__(self, files: list[ScreenFile]) -> None:
        self.files = files
        sizes = np.array([file.width * file.height * 3 for file in files], dtype=np.int64)
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        self._memory = np.frombuffer(mmap.mmap(-1, int(self._starts[-1]) + 1), np.uint8)
        self._ready = np.frombuffer(mmap.mmap(-1, len(files) + 1), np.uint8)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Screen:
        file = self.files[index]
        pixels = self._memory[self._starts[index] : self._starts[index + 1]].reshape(file.height, file.width, 3)
        if not self._ready[index]:
            # Two processes may do so at once: they write the same bytes.
            pixels[:] = open_screen(file).pixels
            self._ready[index] = 1
        return Screen(pixels, file.boxes, file.labels)
