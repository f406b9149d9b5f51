#!/usr/bin/env python3
"""Procedural screens of programs that web pages do not show: `draw(rng)` makes one picture and the list of its elements.

Windows of several desktops' looks with their bars, dialogs, lists and forms, alone or over one another, on a desktop with its bar, and screens of
telephones. What is listed, and where a box ends, follows ../LABELS.md. The order is the raster order of the 32-px cell that holds an element's centre.

    python3 training/detector/procedural.py --sheet sheet.png      a contact sheet with the boxes drawn in
    python3 training/detector/procedural.py --time 100             screens a second, and how often each label occurs
    python3 training/detector/procedural.py --out DATA --count 9   a dataset's split `test`
"""

import argparse
import collections
import json
import os
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from procedural_canvas import Screen  # noqa: E402
from procedural_phone import phone  # noqa: E402
from procedural_programs import PROGRAMS  # noqa: E402
from procedural_widgets import LOOKS, Theme, Ui, hsv, mix, readable  # noqa: E402

LABELS = "button input checkbox radio toggle slider select tab link icon image menu_item list_item heading text".split()
CELL, MOST_CELLS = 32, 920
_DESKTOP = [(1280, 736), (1280, 736), (1280, 736), (1280, 704), (1280, 704), (1248, 704), (1024, 768), (1024, 768), (1056, 800), (1152, 800), (960, 704), (1216, 768), (896, 672), (1440, 640)]
_SMALL = [(640, 352), (640, 480), (800, 608), (704, 448), (768, 576), (544, 416), (480, 320)]
_TALL = [(736, 1216), (416, 896), (448, 960), (384, 832), (704, 1152), (576, 1024), (640, 1120)]


def order(box):
    """The sort key of an element's box (x1, y1, x2, y2): the cell of its centre, row first; then y1, x1, and the larger first."""
    x1, y1, x2, y2 = box
    return int((y1 + y2) / 2 // CELL), int((x1 + x2) / 2 // CELL), y1, x1, -(x2 - x1) * (y2 - y1)


def _title_bar(ui: Ui, box, dialog, active):
    """Draws a window's title bar in the manner of its look; returns what is left of the box."""
    t, r, s, (x1, y1, x2, y2) = ui.t, ui.r, ui.s, box
    head = t.head if active else mix(t.head, t.bg, 0.5)
    fg = readable(head) if active else mix(readable(head), head, 0.4)
    title = ui.w.file() if ui.chance(0.5) else ui.w.caption()
    tall = {"adwaita": r.choice([36, 40, 46]), "mac": r.choice([22, 28, 38]), "win10": 30, "win11": 32, "win95": 20}.get(t.look, r.choice([24, 26, 30]))
    h = max(t.px(tall), t.font.height + 4)
    s.rect((x1, y1, x2, y1 + h), head)
    if t.look == "win95" or t.look == "gtk" and ui.chance(0.4):
        s.gradient((x1, y1, x2, y1 + h), mix(head, (255, 255, 255), 0.15), mix(head, (0, 0, 0), 0.12))
    names = ["cross"] if dialog and ui.chance(0.6) else ["minus", r.choice(["square", "restore"]), "cross"]
    left, right = x1 + t.px(8), x2 - t.px(4)
    if t.look == "mac":
        size, x = max(10, t.px(12)), x1 + t.px(9)
        for colour in ((255, 95, 87), (254, 188, 46), (40, 200, 64)):
            dot = (x, y1 + (h - size) // 2, x + size, y1 + (h - size) // 2 + size)
            s.rounded(dot, size // 2, colour if active else (190, 190, 190))
            s.add("icon", dot)
            x += size + t.px(8)
        left = x + t.px(6)
    else:
        w = {"win10": t.px(46), "win11": t.px(46), "adwaita": min(h - 4, t.px(30))}.get(t.look, h - t.px(r.choice([2, 4, 6])))
        full = t.look in ("win10", "win11")
        for name in reversed(names):
            size = h if full else min(w, h - 4)
            right -= w if full else size + t.px(r.choice([1, 2, 4]) if t.look != "adwaita" else 5)
            button = (right, y1 + (h - size) // 2, right + (w if full else size), y1 + (h - size) // 2 + size)
            if t.look == "win95":
                ui.raised(button, t.face)
            elif t.look in ("adwaita", "breeze") and ui.chance(0.7) and active:
                s.rounded(button, size // 2, mix(head, fg, 0.12))
            s.glyph(name, (button[0] + button[2]) / 2, (button[1] + button[3]) / 2, max(8, int(size * (0.4 if not full else 0.36))), readable(t.face) if t.look == "win95" else fg, 2.2)
            s.add("icon", button)
        if t.look not in ("adwaita",) and ui.chance(0.7):
            size = min(h - 4, t.px(16))
            s.add("icon", ui.emblem(left + size / 2, y1 + h / 2, size, "program"))
            left += size + t.px(6)
    if t.look == "adwaita" and not dialog and ui.chance(0.75):  # a header bar with tools in it
        size, y = min(t.tool, h - t.px(6)), y1 + (h - min(t.tool, h - t.px(6))) // 2
        for _ in range(r.randint(0, 3)):
            if left + t.px(60) > right:
                break
            left = (ui.button(left, y, h=size) if ui.chance(0.25) else ui.icon_button(left, y, size, fill=fg, framed=ui.chance(0.4)))[2] + t.px(5)
        for _ in range(r.randint(0, 3)):
            if right - size - t.px(60) < left:
                break
            right -= size + t.px(5)
            ui.icon_button(right, y, size, fill=fg, framed=ui.chance(0.4))
    if right - left > t.px(40):
        bold = t.look in ("adwaita", "mac", "win95") or ui.chance(0.2)
        font = t.bold if bold else t.font
        names = [ui.w.noun() for _ in range(r.randint(2, 4))]
        widths = [font.width(v) + t.px(24) for v in names]
        if t.look == "adwaita" and not dialog and x1 + (x2 - x1 - sum(widths)) // 2 > left + 4 and (x1 + x2 + sum(widths)) // 2 < right - 4 and ui.chance(0.3):
            ui.linked((x1 + x2 - sum(widths)) // 2, y1 + (h - min(h - 4, t.control)) // 2, min(h - 4, t.control), names, widths)
            return x1, y1 + h, x2, y2
        title = font.fit(title, right - left - t.px(10))
        width = font.width(title)
        middle = (x1 + x2 - width) // 2
        x = middle if t.look in ("adwaita", "mac", "gtk", "breeze") and middle > left and middle + width < right else left
        ui.text(x, y1 + (h - font.height) // 2, title, font, fg, "heading" if bold else "text")
    return x1, y1 + h, x2, y2


def _window(ui: Ui, box, program, dialog=False, active=True, whole=False):
    t, s = ui.t, ui.s
    if not whole:
        s.shadow(box)
    s.cover(box)
    x1, y1, x2, y2 = box
    edge = 0 if whole else ui.r.choice([1, 1, t.px(4)]) if t.look in ("win95", "gtk", "fusion") else 1
    if t.bevel == "3d" and not whole:
        ui.raised(box, t.bg)
    else:
        s.rect(box, t.bg, mix(t.bg, t.fg, 0.35) if edge else None)
    inner = (x1 + edge, y1 + edge, x2 - edge, y2 - edge)
    with s.clip(inner):
        body = _title_bar(ui, inner, dialog, active) if ui.chance(0.85 if whole else 0.92) else inner
        ui.menus_open = active and ui.chance(0.22)
        if body[3] - body[1] > 40:
            program(ui, body)


def _panel(ui: Ui):
    """The desktop's bar with its starter, windows and clock, above or below, or a dock; returns the room that is left."""
    t, r, s = ui.t, ui.r, ui.s
    width, height = s.width, s.height
    h = max(t.size + 8, t.px(r.choice([24, 28, 32, 40, 44, 48])))
    back = r.choice([t.bg, (24, 24, 28), mix(t.accent, (0, 0, 0), 0.6), t.head])
    fg = readable(back)
    if r.random() < 0.22:  # a dock in the middle of the lower edge or along the left one
        size, n = t.px(r.choice([36, 48, 56])), r.randint(4, 12)
        upright = ui.chance(0.4)
        n = min(n, ((height if upright else width) - 60) // (size + t.px(6)))
        long = n * (size + t.px(6)) + t.px(6)
        box = (0, (height - long) // 2, size + t.px(10), (height + long) // 2) if upright else ((width - long) // 2, height - size - t.px(14), (width + long) // 2, height - t.px(4))
        s.cover(box)
        s.rounded(box, t.px(r.choice([4, 12, 18])), mix(back, (128, 128, 128), 0.25))
        for i in range(n):
            x, y = (box[0] + t.px(5), box[1] + t.px(6) + i * (size + t.px(6))) if upright else (box[0] + t.px(6) + i * (size + t.px(6)), box[1] + t.px(5))
            ui.emblem(x + size / 2, y + size / 2, size * 0.92, "program")
            s.add("icon", (x, y, x + size, y + size))
        return (box[2], 0, width, height) if upright else (0, 0, width, box[1])
    top = ui.chance(0.35)
    box = (0, 0, width, h) if top else (0, height - h, width, height)
    s.cover(box)
    s.rect(box, back)
    y1, y2, x = box[1], box[3], 0
    if ui.chance(0.35):
        text = ui.w.noun()
        w = t.font.width(text) + t.icon + t.px(22)
        s.glyph(r.choice(["menu", "grid", "star", "ring"]), t.px(8) + t.icon / 2, (y1 + y2) / 2, t.icon, fg, 2.2)
        s.write(t.px(13) + t.icon, (y1 + y2 - t.font.height) // 2, text, t.font, fg)
        s.add("button", (0, y1, w, y2))
        x = w
    else:
        x = ui.icon_button(0, y1, h, r.choice(["menu", "grid", "star", "ring"]), False, fg)[2]
    if top and ui.chance(0.3):
        x = ui.menubar((x, y1, int(width * 0.6), y2), ui.chance(0.2), fg)
    elif ui.chance(0.25):
        w = t.px(r.randint(120, 260))
        ui.input(x + t.px(4), y1 + t.px(4), w, ui.w.act(), "search", h - t.px(8))
        x += w + t.px(8)
    titled = ui.chance(0.5)
    for i in range(r.randint(0, 9)):
        w = t.px(150) if titled else h + t.px(4)
        if x + w > width - t.px(200):
            break
        button = (x, y1, x + w, y2)
        if i == 1 or titled:
            s.rounded((x + 1, y1 + 2, x + w - 1, y2 - 2), t.radius, mix(back, fg, 0.22 if i == 1 else 0.1))
        ui.emblem(x + h / 2 + t.px(2), (y1 + y2) / 2, min(h - 8, t.px(28)), "program")
        if titled:
            ui.middle((x + h, y1, x + w - t.px(4), y2), ui.w.file(), None, fg, "left")
        s.add("button" if titled else "icon", button)
        x += w + t.px(1)
    right = width - t.px(6)
    clock = r.choice([f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}", f"{ui.w.date()}"])
    w = t.font.width(clock) + t.px(12)
    right -= w
    s.write(right + t.px(6), (y1 + y2 - t.font.height) // 2, clock, t.font, fg)
    s.add("button", (right, y1, right + w, y2))
    for _ in range(r.randint(0, 6)):
        right -= t.px(26)
        s.glyph(r.choice(["sound", "wifi", "battery", "bell", "up", "mail", "keys", "power"]), right + t.px(13), (y1 + y2) / 2, t.px(16), fg, 2)
        s.add("icon", (right, y1, right + t.px(26), y2))
    return (0, h, width, height) if top else (0, 0, width, height - h)


def _wallpaper(ui: Ui):
    s, r = ui.s, ui.r
    box, roll = (0, 0, s.width, s.height), r.random()
    a = hsv(r.random(), r.uniform(0, 0.8), r.uniform(0.15, 0.95))
    if roll < 0.4:
        s.rect(box, a)
    elif roll < 0.75:
        s.gradient(box, a, hsv(r.random(), r.uniform(0, 0.8), r.uniform(0.1, 0.9)))
    else:
        s.picture(box, r.randrange(32))


def _nothing(ui: Ui):
    """A screen without elements: one colour, a gradient, or noise in squares of some size."""
    s, r = ui.s, ui.r
    kind = r.choice(["plain", "gradient", "noise"])
    if kind != "noise":
        a, b = (hsv(r.random(), r.uniform(0, 1), r.uniform(0, 1)) for _ in range(2))
        s.gradient((0, 0, s.width, s.height), a, a if kind == "plain" else b)
        return
    side = r.choice([1, 2, 3, 6, 12, 24, 48])
    pixels = np.random.default_rng(r.getrandbits(62)).integers(0, 256, (-(-s.height // side), -(-s.width // side), r.choice([1, 3])), np.uint8)
    if r.random() < 0.2:
        pixels = (pixels > 127).astype(np.uint8) * 255
    noise = Image.fromarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)).copy())
    s.image.paste(noise.resize((s.width, s.height), r.choice([Image.NEAREST, Image.BICUBIC])))


def _scene(ui: Ui, theme_of):
    """A desktop with one to three windows, or one window that fills the screen."""
    r, s, t = ui.r, ui.s, ui.t
    weights = [p[1] for p in PROGRAMS]
    small = s.width * s.height < 420_000
    if r.random() < (0.7 if small else 0.42):
        # A dialog alone only fills a small picture, as where somebody looks at one window.
        program = r.choices(PROGRAMS, [p[1] * (1 if not p[3] else 0.6 if small else 0.06) for p in PROGRAMS])[0][0]
        _window(ui, (0, 0, s.width, s.height), program, False, True, True)
        if r.random() < 0.25:
            program, _, size, _ = r.choice([p for p in PROGRAMS if p[3]])
            _place(ui, (0, 0, s.width, s.height), program, size, True, True)
    else:
        _wallpaper(ui)
        room = (0, 0, s.width, s.height)
        if ui.chance(0.6):
            size, cell = t.px(r.choice([32, 48, 48, 64])), t.px(r.choice([86, 100]))
            for i in range(r.randint(1, 12)):
                down = max(1, (s.height - 80) // cell)
                x, y = t.px(8) + (i // down) * cell, t.px(10) + (i % down) * cell
                if y + cell < s.height - 40 and x + cell < s.width:
                    ui.icon_entry(x, y, cell - t.px(6), size, None, i == 2, (255, 255, 255))
        panel_last = ui.chance(0.9)
        if panel_last:
            room = _panel(ui)
        count = r.choices([0, 1, 2, 3, 4], [4, 34, 38, 18, 6])[0]
        for i in range(count):
            program, _, size, dialog = r.choices(PROGRAMS, weights)[0]
            ui.t = theme_of() if r.random() < 0.2 else t
            _place(ui, room, program, size, dialog, i == count - 1)
    ui.t = t


def _place(ui: Ui, room, program, size, dialog, active):
    r, t, (x1, y1, x2, y2) = ui.r, ui.t, room
    grow = r.uniform(0.75, 1.25)
    w, h = (min(int(t.px(v) * grow), limit) for v, limit in zip(size, (x2 - x1, y2 - y1)))
    if w < 120 or h < 80:
        return
    x, y = r.randint(x1, max(x1, x2 - w)), r.randint(y1, max(y1, y2 - h))
    if r.random() < 0.08:  # partly off the screen
        x += r.choice([-1, 1]) * w // 4
    x, y = max(x, -w // 3), max(0, y)
    _window(ui, (x, y, x + w, y + h), program, dialog, active)


def screen(seed: int):
    """Draws the screen of a seed; returns the Screen, its final size and the factor by which it is to be made smaller."""
    r = Random(seed)
    roll = r.random()
    if roll < 0.64:
        width, height = r.choice(_DESKTOP)
    elif roll < 0.84:
        width, height = r.choice(_SMALL)
    else:
        width, height = r.choice(_TALL)
    # A part is drawn larger and made smaller afterwards, as a large screen is before the model sees it.
    shrink = r.choice([1.25, 1.5]) if r.random() < 0.13 else 1.0
    tall = height > width
    scale = r.choice([0.75, 0.85, 0.9, 1, 1, 1, 1, 1.1, 1.2, 1.35, 1.6]) * (1 if shrink == 1 else r.choice([1, shrink]))
    if tall:
        scale = width / r.choice([360, 400, 430, 480]) * shrink
    look = r.choice(LOOKS[:-1]) if not tall else r.choice(["android", "android", "adwaita", "mac", "win11"])
    s = Screen(round(width * shrink), round(height * shrink), (0, 0, 0))
    nothing = r.random() < 0.015

    def theme_of():
        return Theme(r, look, scale)

    ui = Ui(s, theme_of(), r)
    ui.menus_open = False
    if nothing:
        _nothing(ui)
        return s, (width, height), shrink
    if tall:
        s.cover((0, 0, s.width, s.height))
        phone(ui)
    else:
        _scene(ui, theme_of)
    while ui.later:
        ui.later.pop(0)()
    if r.random() < 0.04 and not tall:
        ui.menu(r.randrange(s.width), r.randrange(s.height))
    if r.random() < 0.05:
        ui.tooltip(r.randrange(s.width), r.randrange(s.height))
    return s, (width, height), shrink


def draw(rng: np.random.Generator):
    """One screen: a uint8 array (height, width, 3), sides multiples of 32 px and at most 920 cells, and its elements as
    {"bbox": [x1, y1, x2, y2] (px), "label": one of LABELS, "interactive": bool} in the detector's order. The same state of `rng` gives the same screen
    on a machine with the same fonts."""
    s, size, shrink = screen(int(rng.integers(0, 2**62)))
    image = s.image if shrink == 1 else s.image.resize(size, Image.LANCZOS if shrink > 1.3 else Image.BICUBIC)
    elements = []
    for x1, y1, x2, y2, label, interactive in s.visible():
        box = [x1 / shrink, y1 / shrink, min(size[0], x2 / shrink), min(size[1], y2 / shrink)]
        if min(box[2] - box[0], box[3] - box[1]) >= 4:
            elements.append({"bbox": [float(v) for v in box], "label": label, "interactive": interactive})
    elements.sort(key=lambda e: order(e["bbox"]))
    return np.asarray(image), elements


def _sheet(path, seed, count, boxes):
    shade = {name: hsv(i / len(LABELS), 0.9, 0.9) for i, name in enumerate(LABELS)}
    shots = []
    for i in range(count):
        pixels, elements = draw(np.random.default_rng(seed + i))
        image = Image.fromarray(pixels)
        if boxes:
            d = ImageDraw.Draw(image)
            for e in elements:
                d.rectangle(e["bbox"], outline=shade[e["label"]])
                d.text((e["bbox"][0] + 1, e["bbox"][1]), e["label"][:4], fill=shade[e["label"]])
        shots.append(image)
    columns = 2 if count < 9 else 4
    width = 2560 // columns
    cell = int(width * 0.62)
    sheet = Image.new("RGB", (columns * width, -(-count // columns) * cell), (80, 80, 80))
    for i, image in enumerate(shots):
        image.thumbnail((width - 6, cell - 6), Image.LANCZOS)
        sheet.paste(image, ((i % columns) * width, (i // columns) * cell))
    sheet.save(path)


def _write(folder: Path, seed: int, count: int) -> None:
    """The screens as the split `test` of a dataset (format: data.py)."""
    (folder / "test").mkdir(parents=True, exist_ok=True)
    with (folder / "test.jsonl").open("w", encoding="utf-8") as listing:
        for number in range(seed, seed + count):
            pixels, elements = draw(np.random.default_rng(number))
            image = f"test/{number}.webp"
            Image.fromarray(pixels).save(folder / image, quality=80, method=2)
            entry = {"image": image, "width": pixels.shape[1], "height": pixels.shape[0], "split": "test", "library": "procedural", "elements": elements}
            listing.write(json.dumps(entry) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sheet", metavar="PNG", help="write a contact sheet")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write a dataset")
    parser.add_argument("--count", type=int, default=16, help="screens on the sheet or in the dataset")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="leave the boxes out")
    parser.add_argument("--time", type=int, metavar="N", help="draw N screens and print the speed and the labels")
    args = parser.parse_args()
    if args.sheet:
        _sheet(args.sheet, args.seed, args.count, not args.plain)
    if args.out:
        _write(args.out, args.seed, args.count)
    if args.time:
        found, sizes = collections.Counter(), []
        draw(np.random.default_rng(0))
        start = time.perf_counter()
        for i in range(args.time):
            _, elements = draw(np.random.default_rng(args.seed + i))
            found.update(e["label"] for e in elements)
            sizes.append(len(elements))
        seconds = time.perf_counter() - start
        print(f"{args.time / seconds:.1f} screens/s, {sum(sizes) / len(sizes):.0f} elements a screen (largest {max(sizes)})")
        print(", ".join(f"{name} {found[name]}" for name in LABELS))


if __name__ == "__main__":
    main()
