"""Puts drawn windows on a screen and writes the screens as a dataset (format: ../detector/data.py); shared by random_gtk.py and random_qt.py."""

import argparse
import json
import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from random_content import FILES, PLACES, TOPICS, Content, Node, pick_language

_CELL, _MOST_CELLS = 32, 920
_SCREENS = [(1280, 800), (1280, 800), (1366, 768), (1440, 900), (1600, 1000), (1024, 768), (1920, 1080), (1280, 1024)]
_PASSIVE = {"text", "heading", "image"}
# Screens that follow each other share a look, because toolkits take long to change theirs.
LOOK_RUN = 8

Box = tuple[float, float, float, float]


@dataclass
class Element:
    """Box in px of the picture that it is drawn in."""

    box: Box
    label: str
    interactive: bool

    @staticmethod
    def of(box: Box, label: str, standing: bool = False) -> "Element":
        return Element(box, label, not standing and label not in _PASSIVE)


@dataclass
class Drawn:
    """A window's picture and elements; `popups` lie over it at the given px."""

    image: Image.Image
    elements: list[Element]
    popups: list[tuple[int, int, "Drawn"]] = field(default_factory=list)


class Toolkit(Protocol):
    """Draws windows. `rng` is the source of the screen's chances."""

    rng: Random

    def use(self, rng: Random, language: str) -> str:
        """Chooses theme, fonts and icons; gives the look's name."""

    def render(self, node: Node, width: int, height: int, scale: float) -> Drawn: ...

    def glyph(self, name: str, size: int) -> Image.Image | None: ...


def intersect(a: Box, b: Box) -> Box | None:
    box = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return box if box[2] > box[0] and box[3] > box[1] else None


def visible(box: Box, clip: Box) -> Box | None:
    """The box cut to the clip, or None when less than half of it is left."""
    seen = intersect(box, clip)
    if seen is None or (seen[2] - seen[0]) * (seen[3] - seen[1]) < 0.5 * (box[2] - box[0]) * (box[3] - box[1]):
        return None
    return seen


def picture(rng: Random, width: int, height: int) -> Image.Image:
    """Something like a photograph or a chart: a gradient with random shapes."""
    image = gradient(rng, width, height)
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(3, 14)):
        colour = tuple(rng.randrange(256) for _ in range(3))
        x, y, w, h = rng.uniform(-0.1, 0.9) * width, rng.uniform(-0.1, 0.9) * height, rng.uniform(0.05, 0.6) * width, rng.uniform(0.05, 0.6) * height
        rng.choice([draw.ellipse, draw.rectangle])((x, y, x + w, y + h), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(rng.choice([0, 1, 4])))


def gradient(rng: Random, width: int, height: int, spread: int = 255) -> Image.Image:
    """Four random colours in the corners, at most `spread` from each other."""
    middle, half = [rng.randint(spread // 2, 255 - spread // 2) for _ in range(3)], spread // 2
    corners = np.array([[[c + rng.randint(-half, half) for c in middle] for _ in range(2)] for _ in range(2)], dtype=np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.BILINEAR)


def input_size(width: int, height: int) -> tuple[int, int]:
    """Sides of the model's input, as in ../pages/generate.ts."""
    shrink = min(1.0, math.sqrt(_MOST_CELLS * _CELL * _CELL / (width * height)))
    columns, rows = (max(1, math.floor(side * shrink / _CELL + 0.5)) for side in (width, height))
    while columns * rows > _MOST_CELLS:
        if columns > rows:
            columns -= 1
        else:
            rows -= 1
    return columns * _CELL, rows * _CELL


class Screen:
    """A picture on which windows are put; what a later window covers is taken from the earlier ones' elements."""

    def __init__(self, ground: Image.Image):
        self.image = ground
        self.owner = np.zeros((ground.height, ground.width), np.int16)
        self.parts: list[tuple[int, Element]] = []
        self.layers = 0

    def put(self, drawn: Drawn, x: int, y: int, shadow: Random | None = None) -> None:
        """`shadow`: whether and how the window darkens what lies around it."""
        self.layers += 1
        w, h = drawn.image.size
        if shadow is not None and shadow.random() < 0.7:
            spread = shadow.randint(4, 24)
            mask = Image.new("L", (w + 4 * spread, h + 4 * spread), 0)
            mask.paste(shadow.randint(60, 150), (2 * spread, 2 * spread, 2 * spread + w, 2 * spread + h))
            self.image.paste((0, 0, 0), (x - 2 * spread, y - 2 * spread + spread // 3), mask.filter(ImageFilter.BoxBlur(spread)))
        self.image.paste(drawn.image.convert("RGB"), (x, y))
        self.owner[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)] = self.layers
        for e in drawn.elements:
            self.parts.append((self.layers, Element((e.box[0] + x, e.box[1] + y, e.box[2] + x, e.box[3] + y), e.label, e.interactive)))
        for px, py, popup in drawn.popups:
            self.put(popup, x + px, y + py, shadow)

    def elements(self) -> list[Element]:
        """What is seen at least by half, cut to what is seen."""
        found = []
        for layer, e in self.parts:
            seen = visible(e.box, (0, 0, self.image.width, self.image.height))
            if seen is None:
                continue
            x1, y1, x2, y2 = math.floor(seen[0]), math.floor(seen[1]), math.ceil(seen[2]), math.ceil(seen[3])
            free = self.owner[y1:y2, x1:x2] == layer
            if not free.all():
                if free.sum() < 0.5 * (e.box[2] - e.box[0]) * (e.box[3] - e.box[1]):
                    continue
                columns, rows = np.flatnonzero(free.mean(0) > 0.5), np.flatnonzero(free.mean(1) > 0.5)
                if not len(columns) or not len(rows):
                    continue
                seen = (max(seen[0], x1 + columns[0]), max(seen[1], y1 + rows[0]), min(seen[2], x1 + columns[-1] + 1), min(seen[3], y1 + rows[-1] + 1))
            found.append(Element(seen, e.label, e.interactive))
        return found


def _desktop_icons(rng: Random, toolkit: Toolkit, content: Content, screen: Screen, scale: float) -> None:
    size = int(rng.choice([32, 48, 64]) * scale)
    font = ImageFont.truetype("DejaVuSans.ttf", int(rng.choice([9, 10, 11]) * 96 / 72 * scale))
    draw, step = ImageDraw.Draw(screen.image), int(size + 50 * scale)
    for i in range(rng.randint(2, 9)):
        image = toolkit.glyph(rng.choice(PLACES + FILES + TOPICS), size)
        if image is None:
            continue
        text = content.words.folder()[:14]
        wide, (ascent, descent) = font.getlength(text), font.getmetrics()
        x, y = int(8 * scale), int(10 * scale) + i * step
        middle = x + max(size, step) / 2
        screen.image.paste(image, (int(middle - size / 2), y), image)
        draw.text((middle - wide / 2 + 1, y + size + 5), text, (0, 0, 0), font)
        draw.text((middle - wide / 2, y + size + 4), text, (255, 255, 255), font)
        half = max(size, wide) / 2
        screen.parts.append((0, Element.of((middle - half, y, middle + half, y + size + 4 + ascent + descent), "list_item")))


def draw_screen(rng: Random, toolkit: Toolkit, language: str) -> tuple[Image.Image, list[Element], str, float]:
    """One screen: picture, elements in px of the picture, template, scale."""
    content = Content(rng, language)
    toolkit.rng = rng
    scale = rng.choices([1.0, 1.25, 1.5, 2.0], [8, 1, 1, 1])[0]
    tree, (width, height), template = content.window()
    if rng.random() < 0.55:
        drawn = toolkit.render(tree, width, height, scale)
        screen = Screen(Image.new("RGB", drawn.image.size))
        screen.put(drawn, 0, 0)
        return screen.image, screen.elements(), template, scale
    wide, tall = (int(side * scale) for side in rng.choice(_SCREENS))
    ground = gradient(rng, wide, tall, rng.choice([40, 90, 160])) if rng.random() < 0.5 else Image.new("RGB", (wide, tall), tuple(rng.randrange(200) for _ in range(3)))
    screen = Screen(ground)
    if rng.random() < 0.35:
        _desktop_icons(rng, toolkit, content, screen, scale)
    windows = [(tree, width, height, template)]
    for _ in range(rng.choice([0, 0, 1, 2])):
        other, (w, h), name = content.window()
        windows.append((other, w, h, name))
    for node, w, h, _ in windows:
        drawn = toolkit.render(node, min(w, int(wide / scale)), min(h, int(tall / scale)), scale)
        x, y = (max(0, int(rng.uniform(0, 1) * (free - side))) for free, side in ((wide, drawn.image.width), (tall, drawn.image.height)))
        screen.put(drawn, x, y, rng)
    if rng.random() < 0.35:
        parts = [content.button(glyph_free) for glyph_free in [w[3].title() for w in windows]]
        panel = Node("row", children=[content.icon("flat"), *(content.icon("flat") for _ in range(rng.randint(0, 4))), *parts, Node("spacer", grow=True), Node("label", content.words.date())], gap=3, pad=2)
        drawn = toolkit.render(panel, int(wide / scale), 24, scale)
        screen.put(drawn, 0, rng.choice([0, tall - drawn.image.height]))
    return screen.image, screen.elements(), "+".join(w[3] for w in windows), scale


def _order(box: list[float]) -> tuple[float, ...]:
    """Raster order of the 32-px cells that hold the centres (../LABELS.md)."""
    x1, y1, x2, y2 = box
    return (y1 + y2) / 2 // _CELL, (x1 + x2) / 2 // _CELL, y1, x1, -(x2 - x1) * (y2 - y1)


def write_screens(toolkit: Toolkit, family: str) -> None:
    """The command line of both generators: --out DIR --count N --seed S [--quality Q]."""
    parser = argparse.ArgumentParser(description=f"Draws random {family} windows as screens to learn from.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quality", type=int, default=60, help="of the WebP files, 0 to 100")
    given = parser.parse_args()
    (given.out / "train").mkdir(parents=True, exist_ok=True)
    started, look, language = time.perf_counter(), "", "en"
    with (given.out / "train.jsonl").open("a", encoding="utf-8") as listing:
        for index in range(given.count):
            seed = given.seed * 1_000_003 + index
            if index % LOOK_RUN == 0:
                chooser = Random(given.seed * 7_919 + index // LOOK_RUN)
                language = pick_language(chooser)
                look = toolkit.use(chooser, language)
            image, elements, template, scale = draw_screen(Random(seed), toolkit, language)
            width, height = input_size(*image.size)
            sx, sy = width / image.width, height / image.height
            if (width, height) != image.size:
                image = image.resize((width, height), Image.LANCZOS)
            # Both toolkits' screens and pages may stand in one folder, with the same seeds.
            name = f"train/{family}-{seed}.webp"
            image.save(given.out / name, quality=given.quality, method=2)
            listed = [{"bbox": [round(float(v) * s, 2) for v, s in zip(e.box, (sx, sy, sx, sy))], "label": e.label, "interactive": e.interactive} for e in elements]
            listed = [e for e in listed if e["bbox"][2] - e["bbox"][0] >= 4 and e["bbox"][3] - e["bbox"][1] >= 4]
            listed.sort(key=lambda e: _order(e["bbox"]))
            entry = {"image": name, "width": width, "height": height, "split": "train", "library": f"{family}-{look}", "template": template, "seed": seed, "scale": scale, "elements": listed}
            listing.write(json.dumps(entry, ensure_ascii=False) + "\n")
            listing.flush()
            if (index + 1) % 50 == 0:
                print(f"{index + 1} of {given.count} screens, {(time.perf_counter() - started) / (index + 1) * 1000:.0f} ms each", flush=True)
