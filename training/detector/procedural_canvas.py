"""The canvas of the procedural screens: fonts, anti-aliased shapes and glyphs, and the book of elements with what covers what.

All boxes are pixels (x1, y1, x2, y2) of the canvas, right and lower edges outside. Fonts: DejaVu, Liberation and a few other free families of the
system, of the folders in HOLOSCOPE_FONTS (separated as in PATH) or those that come with matplotlib; else Pillow's own.
"""

import functools
import math
import os
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

PASSIVE = {"heading", "text", "image"}
# regular file, bold file, use, weight
_FAMILIES = [
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "sans", 4), ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf", "sans", 1),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "sans", 5), ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf", "sans", 0.4),
    ("NimbusSans-Regular.otf", "NimbusSans-Bold.otf", "sans", 1), ("URWGothic-Book.otf", "URWGothic-Demi.otf", "sans", 0.3),
    ("Ubuntu-R.ttf", "Ubuntu-B.ttf", "sans", 4), ("Cantarell-Regular.otf", "Cantarell-Bold.otf", "sans", 4), ("Roboto-Regular.ttf", "Roboto-Bold.ttf", "sans", 4),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "sans", 4), ("OpenSans-Regular.ttf", "OpenSans-Bold.ttf", "sans", 3), ("Lato-Regular.ttf", "Lato-Bold.ttf", "sans", 2),
    ("Carlito-Regular.ttf", "Carlito-Bold.ttf", "sans", 2), ("FreeSans.ttf", "FreeSansBold.ttf", "sans", 1), ("Inter-Regular.otf", "Inter-Bold.otf", "sans", 3),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "sans", 3), ("wqy-microhei.ttc", "wqy-microhei.ttc", "sans", 2), ("wqy-zenhei.ttc", "wqy-zenhei.ttc", "sans", 2),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf", "sans", 1), ("ipag.ttf", "ipag.ttf", "sans", 1), ("NanumGothic.ttf", "NanumGothicBold.ttf", "sans", 1),
    ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "serif", 1), ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf", "serif", 2),
    ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "mono", 2), ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf", "mono", 2),
]


@functools.lru_cache(maxsize=1)
def families():
    """The families found: a list of (regular path, bold path, use, weight), sorted, so that a seed draws the same screen on the same machine."""
    folders = [f for f in os.environ.get("HOLOSCOPE_FONTS", "").split(os.pathsep) if f]
    folders += ["/usr/share/fonts", "/usr/local/share/fonts", os.path.expanduser("~/.fonts"), os.path.expanduser("~/.local/share/fonts")]
    try:
        import matplotlib

        folders.append(os.path.join(matplotlib.get_data_path(), "fonts", "ttf"))
    except ImportError:
        pass
    wanted = {name for family in _FAMILIES for name in family[:2]}
    where = {}
    for folder in folders:
        for root, _, names in os.walk(folder):
            for name in names:
                if name in wanted:
                    where.setdefault(name, os.path.join(root, name))
    return [(where[r], where.get(b, where[r]), use, weight) for r, b, use, weight in _FAMILIES if r in where]


class Face:
    """A font at a size with cached widths and masks; `ascent` and `height` are px."""

    def __init__(self, path, size):
        if path is not None:
            self.font = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
        else:
            try:
                self.font = ImageFont.load_default(size)  # Pillow 10.1 and later
            except TypeError:
                self.font = ImageFont.load_default()
        metrics = getattr(self.font, "getmetrics", None)
        self.ascent, below = metrics() if metrics else (9, 3)
        self.height = self.ascent + below
        self._widths, self._masks = {}, {}
        self._latin = not isinstance(self.font, ImageFont.FreeTypeFont)  # Pillow's old built-in font knows no other letters

    def _known(self, text):
        return text.encode("latin-1", "replace").decode("latin-1") if self._latin else text

    def width(self, text) -> int:
        got = self._widths.get(text)
        if got is None:
            if len(self._widths) > 5000:
                self._widths.clear()
            got = self._widths[text] = int(math.ceil(self.font.getlength(self._known(text))))
        return got

    def mask(self, text):
        got = self._masks.get(text)
        if got is None:
            if len(self._masks) > 300:
                self._masks.clear()
            got = Image.new("L", (max(1, self.width(text) + 2), self.height + 2))
            ImageDraw.Draw(got).text((0, 0), self._known(text), font=self.font, fill=255)
            self._masks[text] = got
        return got

    def fit(self, text, room) -> str:
        """The text, or as much of it as fits in `room` px with an ellipsis."""
        if self.width(text) <= room:
            return text
        keep = max(0, int(len(text) * room / max(1, self.width(text))) - 1)
        while keep and self.width(text[:keep] + "…") > room:
            keep -= 1
        return text[:keep] + "…" if keep else ""

    def wrap(self, text, room):
        """The text's lines of at most `room` px (a longer word stands alone)."""
        lines, line = [], ""
        for word in text.split(" ") if " " in text else list(text):
            gap = " " if " " in text else ""
            trial = line + gap + word if line else word
            if line and self.width(trial) > room:
                lines.append(line)
                line = word
            else:
                line = trial
        return lines + [line] if line else lines


@functools.lru_cache(maxsize=400)
def face(path, size) -> Face:
    return Face(path, size)


@functools.lru_cache(maxsize=None)
def can_show(path, text) -> bool:
    """Whether the font file has a glyph of its own for every letter."""
    if path is None:
        return all(ord(c) < 128 for c in text)
    font = face(path, 24).font
    lost = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(c)) != lost and font.getmask(c).getbbox() is not None for c in text)


@functools.lru_cache(maxsize=256)
def _corner(radius):
    """The upper left quarter of a disc as a mask, four times supersampled."""
    n = radius * 4
    big = Image.new("L", (n, n))
    ImageDraw.Draw(big).ellipse((0, 0, 2 * n - 1, 2 * n - 1), fill=255)
    one = big.resize((radius, radius), Image.BOX)
    return one, one.transpose(Image.FLIP_LEFT_RIGHT), one.transpose(Image.FLIP_TOP_BOTTOM), one.transpose(Image.ROTATE_180)


# Glyphs: strokes in a 24 x 24 field. L: open line, P: filled polygon, C: ring (x, y, radius), D: disc, R: frame, F: filled rectangle, A: arc (box, from, to).
GLYPHS = {
    "plus": [("L", 12, 4, 12, 20), ("L", 4, 12, 20, 12)], "minus": [("L", 4, 12, 20, 12)], "cross": [("L", 5, 5, 19, 19), ("L", 19, 5, 5, 19)],
    "check": [("L", 4, 13, 10, 19, 20, 6)], "down": [("L", 5, 9, 12, 16, 19, 9)], "up": [("L", 5, 15, 12, 8, 19, 15)], "right": [("L", 9, 5, 16, 12, 9, 19)],
    "left": [("L", 15, 5, 8, 12, 15, 19)], "tri_down": [("P", 4, 8, 20, 8, 12, 17)], "tri_right": [("P", 8, 4, 17, 12, 8, 20)], "tri_up": [("P", 4, 16, 20, 16, 12, 7)],
    "tri_left": [("P", 16, 4, 7, 12, 16, 20)], "menu": [("L", 3, 6, 21, 6), ("L", 3, 12, 21, 12), ("L", 3, 18, 21, 18)],
    "dots": [("D", 12, 5, 2), ("D", 12, 12, 2), ("D", 12, 19, 2)], "dots_h": [("D", 5, 12, 2), ("D", 12, 12, 2), ("D", 19, 12, 2)],
    "search": [("C", 10, 10, 6), ("L", 15, 15, 21, 21)], "gear": [("C", 12, 12, 6), ("C", 12, 12, 2)] + [
        ("L", 12 + 6 * math.cos(a), 12 + 6 * math.sin(a), 12 + 10 * math.cos(a), 12 + 10 * math.sin(a)) for a in [i * math.pi / 4 for i in range(8)]],
    "home": [("L", 2, 12, 12, 3, 22, 12), ("L", 5, 10, 5, 21, 19, 21, 19, 10)], "star": [("P",) + tuple(
        v for i in range(10) for v in (12 + (10 if i % 2 == 0 else 4) * math.sin(i * math.pi / 5), 12 - (10 if i % 2 == 0 else 4) * math.cos(i * math.pi / 5)))],
    "heart": [("D", 8, 9, 5), ("D", 16, 9, 5), ("P", 3.5, 11, 20.5, 11, 12, 21)], "bell": [("A", 6, 4, 18, 20, 180, 360), ("L", 6, 12, 4, 18, 20, 18, 18, 12), ("D", 12, 20, 2)],
    "bin": [("L", 4, 6, 20, 6), ("L", 9, 6, 9, 3, 15, 3, 15, 6), ("L", 6, 6, 7, 21, 17, 21, 18, 6), ("L", 10, 10, 10, 17), ("L", 14, 10, 14, 17)],
    "pen": [("L", 4, 20, 5, 15, 16, 4, 20, 8, 9, 19, 4, 20)], "folder": [("L", 2, 5, 9, 5, 11, 8, 22, 8, 22, 20, 2, 20, 2, 5)],
    "folder_full": [("P", 2, 4, 9, 4, 11, 7, 22, 7, 22, 20, 2, 20)], "file": [("L", 5, 2, 14, 2, 19, 7, 19, 22, 5, 22, 5, 2), ("L", 14, 2, 14, 7, 19, 7)],
    "file_full": [("P", 5, 2, 14, 2, 19, 7, 19, 22, 5, 22)], "save": [("R", 3, 3, 21, 21), ("R", 7, 3, 17, 9), ("F", 7, 14, 17, 21)],
    "print": [("R", 3, 9, 21, 18), ("L", 7, 9, 7, 3, 17, 3, 17, 9), ("F", 7, 14, 17, 22)], "cut": [("C", 6, 18, 3), ("C", 18, 18, 3), ("L", 8, 16, 17, 2), ("L", 16, 16, 7, 2)],
    "copy": [("R", 3, 3, 15, 15), ("R", 9, 9, 21, 21)], "paste": [("R", 4, 4, 20, 22), ("F", 8, 2, 16, 6), ("L", 8, 11, 16, 11), ("L", 8, 16, 16, 16)],
    "undo": [("L", 8, 4, 3, 9, 8, 14), ("L", 3, 9, 14, 9), ("A", 8, 9, 20, 20, 270, 450)], "redo": [("L", 16, 4, 21, 9, 16, 14), ("L", 21, 9, 10, 9), ("A", 4, 9, 16, 20, 90, 270)],
    "pause": [("F", 6, 4, 10, 20), ("F", 14, 4, 18, 20)], "stop": [("F", 5, 5, 19, 19)], "play": [("P", 6, 3, 20, 12, 6, 21)],
    "skip": [("P", 4, 4, 14, 12, 4, 20), ("F", 16, 4, 19, 20)], "skip_back": [("P", 20, 4, 10, 12, 20, 20), ("F", 5, 4, 8, 20)],
    "refresh": [("A", 4, 4, 20, 20, 30, 320), ("P", 20, 3, 21, 11, 14, 8)], "lock": [("F", 4, 11, 20, 21), ("A", 7, 3, 17, 18, 180, 360)],
    "user": [("D", 12, 8, 4.5), ("P", 3, 21, 5, 16, 9, 14, 15, 14, 19, 16, 21, 21)], "mail": [("R", 2, 5, 22, 19), ("L", 2, 6, 12, 14, 22, 6)],
    "calendar": [("R", 3, 5, 21, 21), ("F", 3, 5, 21, 10), ("L", 8, 2, 8, 6), ("L", 16, 2, 16, 6)], "clock": [("C", 12, 12, 9), ("L", 12, 6, 12, 12, 16, 14)],
    "picture": [("R", 2, 4, 22, 20), ("D", 8, 9, 2), ("P", 4, 19, 11, 12, 14, 15, 17, 11, 21, 19)], "download": [("L", 12, 3, 12, 15), ("L", 6, 10, 12, 16, 18, 10), ("L", 4, 21, 20, 21)],
    "upload": [("L", 12, 16, 12, 4), ("L", 6, 9, 12, 3, 18, 9), ("L", 4, 21, 20, 21)], "align_left": [("L", 3, 5, 21, 5), ("L", 3, 10, 14, 10), ("L", 3, 15, 21, 15), ("L", 3, 20, 12, 20)],
    "align_mid": [("L", 3, 5, 21, 5), ("L", 7, 10, 17, 10), ("L", 3, 15, 21, 15), ("L", 8, 20, 16, 20)], "align_right": [("L", 3, 5, 21, 5), ("L", 10, 10, 21, 10), ("L", 3, 15, 21, 15), ("L", 12, 20, 21, 20)],
    "list": [("D", 4, 6, 1.6), ("D", 4, 12, 1.6), ("D", 4, 18, 1.6), ("L", 9, 6, 21, 6), ("L", 9, 12, 21, 12), ("L", 9, 18, 21, 18)],
    "grid": [("F", 3, 3, 10, 10), ("F", 14, 3, 21, 10), ("F", 3, 14, 10, 21), ("F", 14, 14, 21, 21)], "zoom_in": [("C", 10, 10, 7), ("L", 15, 15, 22, 22), ("L", 10, 7, 10, 13), ("L", 7, 10, 13, 10)],
    "zoom_out": [("C", 10, 10, 7), ("L", 15, 15, 22, 22), ("L", 7, 10, 13, 10)], "sound": [("P", 2, 9, 7, 9, 12, 4, 12, 20, 7, 15, 2, 15), ("A", 11, 7, 19, 17, 300, 420)],
    "wifi": [("A", 2, 5, 22, 25, 225, 315), ("A", 6, 10, 18, 22, 225, 315), ("D", 12, 18, 2)], "battery": [("R", 2, 8, 19, 16), ("F", 4, 10, 13, 14), ("F", 20, 10, 22, 14)],
    "info": [("C", 12, 12, 9), ("L", 12, 11, 12, 17), ("D", 12, 7.5, 1.4)], "warning": [("L", 12, 3, 22, 21, 2, 21, 12, 3), ("L", 12, 10, 12, 15), ("D", 12, 18, 1.3)],
    "globe": [("C", 12, 12, 9), ("L", 3, 12, 21, 12), ("A", 8, 3, 16, 21, 0, 360)], "chat": [("L", 3, 4, 21, 4, 21, 16, 11, 16, 6, 21, 6, 16, 3, 16, 3, 4)], "flag": [("L", 5, 22, 5, 3), ("P", 5, 3, 19, 5, 15, 9, 19, 13, 5, 13)],
    "filter": [("P", 3, 4, 21, 4, 14, 12, 14, 20, 10, 18, 10, 12)], "mic": [("F", 9, 3, 15, 13), ("A", 5, 6, 19, 18, 0, 180), ("L", 12, 18, 12, 22)], "tag": [("L", 3, 3, 12, 3, 21, 12, 12, 21, 3, 12, 3, 3), ("D", 8, 8, 1.6)],
    "square": [("R", 5, 5, 19, 19)], "restore": [("R", 4, 8, 16, 20), ("L", 8, 8, 8, 4, 20, 4, 20, 16, 16, 16)], "columns": [("R", 3, 4, 21, 20), ("L", 9, 4, 9, 20), ("L", 15, 4, 15, 20)],
    "back": [("L", 11, 4, 3, 12, 11, 20), ("L", 3, 12, 21, 12)], "forward": [("L", 13, 4, 21, 12, 13, 20), ("L", 21, 12, 3, 12)], "upward": [("L", 4, 11, 12, 3, 20, 11), ("L", 12, 3, 12, 21)],
    "power": [("A", 4, 4, 20, 20, 300, 600), ("L", 12, 2, 12, 11)], "moon": [("A", 4, 4, 20, 20, 0, 360), ("D", 14, 10, 6)], "screen": [("R", 2, 4, 22, 17), ("L", 8, 21, 16, 21)], "brush": [("L", 20, 3, 10, 13), ("D", 7, 17, 4)],
    "crop": [("L", 6, 1, 6, 18, 23, 18), ("L", 1, 6, 18, 6, 18, 23)], "drop": [("D", 12, 15, 6), ("P", 6.4, 12.5, 17.6, 12.5, 12, 2)], "ring": [("C", 12, 12, 8)], "text": [("L", 4, 5, 20, 5), ("L", 12, 5, 12, 20)], "eye": [("A", 2, 5, 22, 19, 0, 360), ("D", 12, 12, 3)],
    "pin": [("D", 12, 9, 6), ("P", 7, 12, 17, 12, 12, 22)], "keys": [("R", 2, 6, 22, 18), ("L", 6, 10, 18, 10), ("L", 8, 15, 16, 15)], "note": [("D", 7, 18, 3.5), ("L", 10, 18, 10, 4, 20, 3), ("D", 17, 16, 3.5), ("L", 20, 16, 20, 3)],
}
GLYPH_NAMES = sorted(GLYPHS)
TOOL_GLYPHS = [g for g in GLYPH_NAMES if not g.startswith("tri_") and g not in ("square", "restore", "dots", "ring")]


@functools.lru_cache(maxsize=6000)
def glyph_mask(name, size, weight):
    """A glyph as an L mask of `size` px; `weight` is the stroke in 1/24 of the size."""
    scale = size * 4 / 24
    big = Image.new("L", (size * 4, size * 4))
    d = ImageDraw.Draw(big)
    stroke = max(3, round(weight * scale))
    for kind, *v in GLYPHS[name]:
        p = [a * scale for a in v]
        if kind == "L":
            d.line(p, fill=255, width=stroke, joint="curve")
        elif kind == "P":
            d.polygon(p, fill=255)
        elif kind in "CD":
            x, y, r = p
            box = (x - r - (stroke / 2 if kind == "C" else 0), y - r - (stroke / 2 if kind == "C" else 0), x + r + (stroke / 2 if kind == "C" else 0), y + r + (stroke / 2 if kind == "C" else 0))
            d.ellipse(box, **({"outline": 255, "width": stroke} if kind == "C" else {"fill": 255}))
        elif kind == "R":
            d.rectangle(p, outline=255, width=stroke)
        elif kind == "F":
            d.rectangle(p, fill=255)
        elif kind == "A":
            d.arc(p[:4], v[4], v[5], fill=255, width=stroke)
    return big.resize((size, size), Image.BOX)


@functools.lru_cache(maxsize=1)
def _pictures():
    """Thirty-two made-up pictures of 192 x 144: soft fields, hills under a sky, patterns, portraits. The same in every process."""
    made = []
    for i in range(32):
        rng = np.random.default_rng(1000 + i)
        rough = Image.fromarray(rng.integers(0, 256, (rng.integers(2, 9), rng.integers(2, 9), 3), dtype=np.uint8), "RGB").resize((192, 144), Image.BICUBIC)
        d = ImageDraw.Draw(rough)
        if i % 3:  # most pictures are less coloured than chance makes them
            rough = Image.blend(rough, rough.convert("L").convert("RGB"), rng.uniform(0.5, 0.9))
        ink = [tuple(int(v) for v in rng.integers(*(30, 220) if i % 3 == 0 else (90, 170), 3)) for _ in range(8)]
        if i % 4 == 1:
            x = np.arange(193)
            for k in range(3):
                y = 60 + 25 * k + 12 * np.sin(x / rng.uniform(12, 40) + rng.uniform(0, 6)) + 6 * np.sin(x / 7)
                d.polygon([(int(a), int(b)) for a, b in zip(x, y)] + [(192, 144), (0, 144)], fill=ink[k])
            d.ellipse((140, 12, 164, 36), fill=ink[4])
        elif i % 4 == 2:
            for k in range(24):
                x, y, w = (int(v) for v in (rng.integers(-20, 180), rng.integers(-20, 130), rng.integers(10, 60)))
                (d.ellipse if k % 2 else d.rectangle)((x, y, x + w, y + w), fill=ink[k % 8])
        elif i % 4 == 3:
            d.ellipse((46, 90, 146, 200), fill=ink[0])
            d.ellipse((66, 26, 126, 100), fill=ink[1])
        noise = np.asarray(rough, np.int16) + rng.integers(-12, 13, (144, 192, 3))
        made.append(Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8), "RGB"))
    return made


@functools.lru_cache(maxsize=1)
def _shadow_mask():
    soft = Image.new("L", (96, 96))
    ImageDraw.Draw(soft).rectangle((14, 14, 81, 81), fill=110)
    return soft.filter(ImageFilter.GaussianBlur(7))


class Screen:
    """A picture that is drawn from back to front, and the elements on it. `cover(box)` begins a new surface that hides what lies under it."""

    def __init__(self, width, height, fill):
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width, height), fill)
        self.draw = ImageDraw.Draw(self.image)
        self.owner = np.zeros((height, width), np.int16)
        self.layer = 0
        self.entries = []
        self._clips = [(0, 0, width, height)]

    # ----- the book of elements
    def add(self, label, box, interactive=None):
        """Lists an element of the present surface; boxes mostly outside the present clip are left out, others are cut to it."""
        x1, y1, x2, y2 = box
        a, b, c, d = self._clips[-1]
        u1, v1, u2, v2 = max(x1, a), max(y1, b), min(x2, c), min(y2, d)
        if u2 - u1 < 3 or v2 - v1 < 3 or (u2 - u1) * (v2 - v1) < 0.5 * (x2 - x1) * (y2 - y1):
            return
        self.entries.append((u1, v1, u2, v2, label, label not in PASSIVE if interactive is None else interactive, self.layer))

    def cover(self, box):
        """Begins a surface over `box`: what is listed from now on belongs to it."""
        self.layer += 1
        x1, y1, x2, y2 = (max(0, int(v)) for v in box)
        self.owner[y1:y2, x1:x2] = self.layer

    def visible(self):
        """The elements at least half of which can be seen, each cut to the rectangle that can be seen."""
        kept = []
        for x1, y1, x2, y2, label, interactive, layer in self.entries:
            seen = self.owner[y1:y2, x1:x2] == layer
            count = int(np.count_nonzero(seen))
            if count < 0.5 * seen.size:
                continue
            if count < seen.size:
                rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
                x1, y1, x2, y2 = x1 + int(columns[0]), y1 + int(rows[0]), x1 + int(columns[-1]) + 1, y1 + int(rows[-1]) + 1
            if x2 - x1 >= 4 and y2 - y1 >= 4:
                kept.append((x1, y1, x2, y2, label, interactive))
        return kept

    @contextmanager
    def clip(self, box):
        """Draws and lists only within `box` (px)."""
        x1, y1, x2, y2 = (int(v) for v in box)
        a, b, c, d = self._clips[-1]
        box = (max(x1, a), max(y1, b), max(max(x1, a) + 1, min(x2, c)), max(max(y1, b) + 1, min(y2, d)))
        before = self.image.copy()
        self._clips.append(box)
        yield
        self._clips.pop()
        inner = self.image.crop(box)
        self.image.paste(before, (0, 0))
        self.image.paste(inner, box[:2])

    # ----- drawing
    def rect(self, box, fill=None, outline=None, width=1):
        x1, y1, x2, y2 = box
        if x2 > x1 and y2 > y1:
            self.draw.rectangle((x1, y1, x2 - 1, y2 - 1), fill=fill, outline=outline, width=width)

    def line(self, x1, y1, x2, y2, fill, width=1):
        self.draw.line((x1, y1, x2, y2), fill=fill, width=width)

    def rounded(self, box, radius, fill, outline=None, width=1):
        """A filled rectangle with smooth round corners and, if asked for, a frame inside its edge."""
        x1, y1, x2, y2 = (int(v) for v in box)
        if x2 - x1 < 1 or y2 - y1 < 1:
            return
        radius = min(radius, (x2 - x1) // 2, (y2 - y1) // 2)
        if radius < 1:
            self.rect((x1, y1, x2, y2), fill, outline, width)
            return
        if outline is not None:
            self.rounded((x1, y1, x2, y2), radius, outline)
            self.rounded((x1 + width, y1 + width, x2 - width, y2 - width), radius - width, fill)
            return
        self.rect((x1 + radius, y1, x2 - radius, y2), fill)
        self.rect((x1, y1 + radius, x1 + radius, y2 - radius), fill)
        self.rect((x2 - radius, y1 + radius, x2, y2 - radius), fill)
        masks = _corner(radius)
        for mask, at in zip(masks, ((x1, y1), (x2 - radius, y1), (x1, y2 - radius), (x2 - radius, y2 - radius))):
            self.image.paste(fill, at + (at[0] + radius, at[1] + radius), mask)

    def gradient(self, box, top, bottom):
        x1, y1, x2, y2 = (int(v) for v in box)
        if x2 > x1 and y2 > y1:
            strip = Image.new("RGB", (1, 2))
            strip.putpixel((0, 0), top)
            strip.putpixel((0, 1), bottom)
            self.image.paste(strip.resize((1, y2 - y1), Image.BILINEAR).resize((x2 - x1, y2 - y1)), (x1, y1))

    def write(self, x, y, text, font, fill):
        """Draws a line of text with its upper left corner at x, y and returns its box (advance width x ascent and descent)."""
        x, y = int(x), int(y)
        if text:
            mask = font.mask(text)
            self.image.paste(fill, (x, y, x + mask.width, y + mask.height), mask)
        return (x, y, x + font.width(text), y + font.height)

    def glyph(self, name, cx, cy, size, fill, weight=2):
        """Draws a glyph centred at cx, cy and returns its field of `size` px."""
        size = max(5, int(size))
        x, y = int(cx - size / 2), int(cy - size / 2)
        mask = glyph_mask(name, size, weight)
        self.image.paste(fill, (x, y, x + size, y + size), mask)
        return (x, y, x + size, y + size)

    def picture(self, box, number):
        x1, y1, x2, y2 = (int(v) for v in box)
        if x2 > x1 and y2 > y1:
            self.image.paste(_pictures()[number % 32].resize((x2 - x1, y2 - y1), Image.BILINEAR), (x1, y1))

    def shadow(self, box):
        x1, y1, x2, y2 = (int(v) for v in box)
        box = (x1 - 12, y1 - 8, x2 + 12, y2 + 16)
        self.image.paste((0, 0, 0), box, _shadow_mask().resize((box[2] - box[0], box[3] - box[1]), Image.BILINEAR))
