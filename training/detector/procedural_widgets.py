"""Themes and widgets of the procedural screens. A widget draws itself on the screen and lists its element by the rules of ../LABELS.md."""

import colorsys
from random import Random

from procedural_canvas import GLYPH_NAMES, TOOL_GLYPHS, Screen, can_show, face, families
from procedural_words import Words, languages


def mix(a, b, part):
    """The colour `part` of the way from a to b."""
    return tuple(int(p + (q - p) * part) for p, q in zip(a, b))


def hsv(h, s, v):
    return tuple(int(255 * c) for c in colorsys.hsv_to_rgb(h % 1, s, v))


def readable(back):
    return (255, 255, 255) if back[0] * 0.3 + back[1] * 0.59 + back[2] * 0.11 < 140 else (20, 20, 22)


LOOKS = ["adwaita", "gtk", "breeze", "fusion", "win10", "win11", "win95", "mac", "android"]


class Theme:
    """Colours, measures and fonts of one desktop. `px(n)` scales a length to this theme's interface scale."""

    def __init__(self, r: Random, look: str, scale: float):
        self.look, self.scale = look, scale
        self.dark = dark = look != "win95" and r.random() < 0.38
        hue, tint = r.random(), r.choice([0, 0, 0, 0.03, 0.06, 0.15 if look != "win95" else 0])
        accent_hue = r.choice([0.58, 0.6, 0.57, 0.6, r.random()])
        self.accent = hsv(accent_hue, r.uniform(0.5, 0.95), r.uniform(0.6, 0.95))
        self.on_accent = readable(self.accent)
        if dark:
            v = r.uniform(0.1, 0.26)
            self.bg, self.base = hsv(hue, tint, v), hsv(hue, tint, max(0.06, v + r.choice([-0.05, 0.04])))
            self.fg = hsv(hue, 0.02, r.uniform(0.82, 1))
        else:
            v = r.uniform(0.86, 0.98) if look != "win95" else r.uniform(0.75, 0.86)
            self.bg = hsv(hue, tint, v)
            self.base = hsv(hue, tint / 3, min(1, v + 0.08)) if r.random() < 0.9 else self.bg
            self.fg = hsv(hue, 0.1, r.uniform(0, 0.25))
        self.dim = mix(self.fg, self.bg, r.uniform(0.3, 0.55))
        self.line = mix(self.bg, self.fg, r.uniform(0.1, 0.35))
        self.face = mix(self.bg, (255, 255, 255), r.uniform(0, 0.9) if not dark else r.uniform(0.04, 0.14))
        self.stripe = mix(self.base, self.fg, 0.04)
        self.menu = self.base if r.random() < 0.6 else mix(self.bg, (255, 255, 255), 0.5 if not dark else 0.05)
        self.side = mix(self.bg, self.fg, r.choice([0, 0.03, 0.07])) if r.random() < 0.85 else mix(self.accent, (0, 0, 0), 0.5)
        self.head = r.choice([self.bg, mix(self.bg, self.fg, 0.08), self.base, self.accent if look in ("win95", "win10", "breeze", "fusion", "android") else self.bg])
        self.head_fg = readable(self.head)
        self.bevel = {"win95": "3d", "gtk": r.choice(["shade", "flat"]), "fusion": "shade", "breeze": "flat"}.get(look, "flat")
        self.radius = self.px({"win95": 0, "win10": r.choice([0, 0, 2]), "win11": 4, "adwaita": r.choice([5, 6, 9]), "mac": r.choice([5, 6]), "android": r.choice([4, 12, 20])}.get(look, r.choice([2, 3, 4])))
        self.size = max(8, round(r.choice([11, 12, 12, 13, 13, 14, 15]) * scale * (1.15 if look == "android" else 1)))
        low, high = {"adwaita": (30, 36), "android": (36, 48), "win95": (21, 25), "mac": (21, 28)}.get(look, (23, 32))
        self.control = max(self.size + 5, self.px(r.randint(low, high)))
        self.row = max(self.size + 4, self.px(r.choice([18, 20, 22, 24, 26, 30, 36]) if look != "android" else r.randint(40, 60)))
        self.tool = max(16, self.px(r.choice([22, 24, 26, 28, 30, 32, 34, 38])))
        self.icon = max(10, min(self.tool - 4, self.px(r.choice([14, 16, 16, 16, 18, 20, 22, 24]))))
        self.stroke = r.choice([1.4, 1.8, 2.2, 2.8])
        self.colourful = r.random() < 0.4
        self.flat_tools = r.random() < 0.75
        self.gap = self.px(r.choice([4, 6, 6, 8, 10, 12]))
        self._fonts(r)

    def px(self, n) -> int:
        return max(1, round(n * self.scale))

    def _fonts(self, r):
        found = families()
        sans = [f for f in found if f[2] == "sans"] or [f for f in found if f[2] != "mono"] or [(None, None, "sans", 1)]
        if r.random() < 0.05:
            sans = [f for f in found if f[2] == "serif"] or sans
        spoken = {}
        for family in sans:
            for language, weight in languages(lambda text, path=family[0]: can_show(path, text)).items():
                spoken.setdefault(language, (weight, []))[1].append(family)
        names = sorted(spoken)
        self.language = r.choices(names, [spoken[n][0] for n in names])[0] if r.random() < 0.97 or "en" not in spoken else "en"
        fitting = spoken[self.language][1]
        regular, bold, _, _ = r.choices(fitting, [f[3] for f in fitting])[0]
        mono = [f for f in found if f[2] == "mono"] or [(regular, bold, "mono", 1)]
        fixed = r.choice(mono)
        s = self.size
        self.font, self.bold, self.small = face(regular, s), face(bold, s), face(regular, max(7, round(s * 0.86)))
        self.title, self.huge, self.mono = face(bold, round(s * r.choice([1.2, 1.3, 1.5, 1.7]))), face(r.choice([regular, bold]), round(s * r.uniform(1.8, 2.8))), face(fixed[0], s)


class Ui:
    """The widgets. x, y, w, h are px; what is drawn is listed at once unless said otherwise; popups wait in `later`."""

    def __init__(self, screen: Screen, theme: Theme, r: Random):
        self.s, self.t, self.r = screen, theme, r
        self.w = Words(r, theme.language)
        self.later = []

    def chance(self, p) -> bool:
        return self.r.random() < p

    # ----- texts
    def text(self, x, y, text, font=None, fill=None, label="text", room=None):
        """A listed line of text; returns its box."""
        font = font or self.t.font
        if room is not None:
            text = font.fit(text, room)
        box = self.s.write(x, y, text, font, fill or self.t.fg)
        if text.strip():
            self.s.add(label, box)
        return box

    def heading(self, x, y, text, font=None, fill=None, room=None):
        return self.text(x, y, text, font or self.t.title, fill, "heading", room)

    def middle(self, box, text, font=None, fill=None, align="mid", pad=0):
        """Unlisted text in the vertical middle of a box: in the middle, or from the left."""
        font, (x1, y1, x2, y2) = font or self.t.font, box
        text = font.fit(text, x2 - x1 - 2 * pad)
        x = x1 + pad if align == "left" else x2 - pad - font.width(text) if align == "right" else (x1 + x2 - font.width(text)) // 2
        return self.s.write(x, (y1 + y2 - font.height) // 2, text, font, fill or self.t.fg)

    def paragraph(self, x, y, w, lines, font=None, fill=None):
        """A listed block of wrapped text of at most `lines` lines; returns its box."""
        font = font or self.t.font
        step = round(font.height * self.r.choice([1, 1.1, 1.25]))
        rows = []
        while len(rows) < lines:
            rows += font.wrap(self.w.sentence(8, 24), w)
            if self.chance(0.3):
                break
        rows = rows[:lines]
        for i, row in enumerate(rows):
            self.s.write(x, y + i * step, row, font, fill or self.t.fg)
        box = (int(x), int(y), int(x + max(font.width(row) for row in rows)), int(y + (len(rows) - 1) * step + font.height))
        self.s.add("text", box)
        return box

    def link(self, x, y, text=None, font=None):
        font = font or self.t.font
        text = text or self.w.noun()
        box = self.s.write(x, y, text, font, mix(self.t.accent, self.t.fg, 0.2))
        if self.chance(0.7):
            self.s.line(box[0], box[3] - 2, box[2], box[3] - 2, mix(self.t.accent, self.t.fg, 0.2))
        self.s.add("link", box)
        return box

    # ----- surfaces
    def raised(self, box, fill=None, down=False, round_=None):
        """A control's face in this theme's manner."""
        t, s = self.t, self.s
        fill = fill or t.face
        if t.bevel == "3d":
            x1, y1, x2, y2 = box
            light, dark = mix(fill, (255, 255, 255), 0.8), mix(fill, (0, 0, 0), 0.5)
            s.rect(box, fill, dark if down else mix(fill, (0, 0, 0), 0.75))
            s.line(x1, y1, x2 - 2, y1, dark if down else light)
            s.line(x1, y1, x1, y2 - 2, dark if down else light)
            s.line(x1 + 1, y2 - 2, x2 - 2, y2 - 2, light if down else dark)
            s.line(x2 - 2, y1 + 1, x2 - 2, y2 - 2, light if down else dark)
            return
        s.rounded(box, t.radius if round_ is None else round_, fill, mix(fill, t.fg, 0.22) if t.look != "android" else None)
        if t.bevel == "shade":
            x1, y1, x2, y2 = (int(v) for v in box)
            s.gradient((x1 + 1 + t.radius // 3, y1 + 1 + t.radius // 3, x2 - 1 - t.radius // 3, y2 - 1 - t.radius // 3), mix(fill, (255, 255, 255), 0.25 if not t.dark else 0.06), mix(fill, (0, 0, 0), 0.07))

    def field(self, box, fill=None):
        """The hollow of an input."""
        t = self.t
        if t.bevel == "3d":
            self.raised(box, fill or t.base, True)
        elif t.look == "android" and self.chance(0.5):
            self.s.rect(box, mix(t.bg, t.fg, 0.06))
            self.s.line(box[0], box[3] - 1, box[2] - 1, box[3] - 1, t.fg)
        else:
            self.s.rounded(box, t.radius, fill or t.base, t.accent if self.chance(0.12) else mix(t.base, t.fg, 0.3))

    def scrollbar(self, box, upright=True):
        """Not an element; drawn for looks."""
        x1, y1, x2, y2 = box
        self.s.rect(box, mix(self.t.bg, self.t.fg, 0.05))
        if upright:
            a = y1 + int((y2 - y1) * self.r.uniform(0, 0.5))
            self.s.rounded((x1 + 2, a, x2 - 2, a + int((y2 - y1) * self.r.uniform(0.15, 0.45))), self.t.radius, mix(self.t.bg, self.t.fg, 0.3))
        else:
            a = x1 + int((x2 - x1) * self.r.uniform(0, 0.5))
            self.s.rounded((a, y1 + 2, a + int((x2 - x1) * self.r.uniform(0.15, 0.45)), y2 - 2), self.t.radius, mix(self.t.bg, self.t.fg, 0.3))

    # ----- glyphs and pictures
    def ink(self):
        """A glyph's colour: the text's, or any where the theme is colourful."""
        return hsv(self.r.random(), 0.75, 0.75 if not self.t.dark else 0.9) if self.t.colourful and self.chance(0.75) else self.t.fg

    def sign(self, cx, cy, size, name=None, fill=None):
        """An unlisted glyph; colourful themes sometimes lay it on a filled form."""
        name = name or self.r.choice(TOOL_GLYPHS)
        return self.s.glyph(name, cx, cy, size, fill or self.ink(), self.t.stroke)

    def emblem(self, cx, cy, size, kind=None):
        """An unlisted coloured icon of a folder, a file, a picture or a program; returns its box."""
        r, s = self.r, self.s
        size = max(8, int(size))
        kind = kind or r.choice(["folder", "file", "program", "program", "picture"])
        x, y = int(cx - size / 2), int(cy - size / 2)
        if kind == "folder":
            hue = r.choice([0.12, 0.12, 0.58, 0.6, r.random()])
            s.glyph("folder_full", cx, cy - size * 0.03, size, hsv(hue, 0.7, 0.75))
            s.rounded((x + size // 12, y + int(size * 0.4), x + size - size // 12, y + int(size * 0.83)), size // 14, hsv(hue, 0.55, 0.95))
        elif kind == "file":
            s.glyph("file_full", cx, cy, size, (150, 150, 150))
            s.glyph("file_full", cx, cy, size - max(2, size // 12), (250, 250, 250))
            for i in range(3):
                s.line(x + size * 0.33, y + size * (0.5 + 0.13 * i), x + size * 0.67, y + size * (0.5 + 0.13 * i), hsv(r.random(), 0.6, 0.7), max(1, size // 20))
        elif kind == "picture":
            s.picture((x, y + size // 8, x + size, y + size - size // 8), r.randrange(32))
        else:
            colour = hsv(r.random(), r.uniform(0.3, 0.95), r.uniform(0.3, 0.95))
            s.rounded((x, y, x + size, y + size), r.choice([0, size // 8, size // 4, size // 2]), colour)
            s.glyph(r.choice(GLYPH_NAMES), cx, cy, size * 0.62, readable(colour), 2.4)
        return (x, y, x + size, y + size)

    def picture(self, box, frame=False):
        self.s.picture(box, self.r.randrange(32))
        if frame:
            self.s.rect(box, None, self.t.line)
        self.s.add("image", tuple(int(v) for v in box))

    def standing(self, cx, cy, size, name=None, fill=None):
        """A listed glyph that cannot be clicked."""
        self.s.add("icon", self.sign(cx, cy, size, name, fill), False)

    # ----- buttons
    def button(self, x, y, text=None, w=None, h=None, main=False, glyph=None, flat=False, font=None):
        """A button with text; returns its box."""
        t, font = self.t, font or self.t.font
        text = self.w.act() if text is None else text
        h = h or t.control
        g = t.icon + t.px(5) if glyph else 0
        w = int(w or font.width(text) + g + t.px(self.r.choice([16, 20, 24, 32, 40])))
        box = (int(x), int(y), int(x) + w, int(y) + h)
        fill, fg = (t.accent, t.on_accent) if main else (None, t.fg)
        if not flat:
            self.raised(box, fill, round_=h // 2 if t.look == "android" and self.chance(0.3) else None)
        elif main or t.look == "android":
            fg = mix(t.accent, t.fg, 0.3)
        if self.chance(0.07):
            fg = mix(fg, fill or t.face, 0.55)
        text = font.fit(text, w - g - 4)
        left = (box[0] + box[2] - font.width(text) - g) // 2
        if glyph:
            self.s.glyph(glyph, left + t.icon / 2, (box[1] + box[3]) / 2, t.icon, fg, t.stroke)
        self.s.write(left + g, (box[1] + box[3] - font.height) // 2, text, font, fg)
        self.s.add("button", box)
        return box

    def icon_button(self, x, y, size=None, name=None, framed=None, fill=None, w=None, label="icon", emblem=False):
        """A button with only a glyph: its box is the padded square, drawn or not."""
        t = self.t
        size, w = int(size or t.tool), int(w or size or t.tool)
        box = (int(x), int(y), int(x) + w, int(y) + size)
        state = self.r.random()
        if framed if framed is not None else not t.flat_tools:
            self.raised(box)
        elif state < 0.07:
            self.s.rounded(box, t.radius, mix(t.bg, t.fg, 0.15), t.line)
        elif state < 0.12:
            self.s.rounded(box, t.radius, mix(t.bg, t.accent, 0.35))
        g = min(t.icon, size - 4) if size <= t.tool * 1.3 else int(size * 0.55)
        cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if emblem:
            self.emblem(cx, cy, g)
        else:
            ink = fill or self.ink()
            self.sign(cx, cy, g, name, mix(ink, t.bg, 0.6) if state > 0.93 else ink)
        self.s.add(label, box)
        return box

    def button_row(self, x2, y, texts=None, main=None):
        """Dialog buttons, set from the right edge x2; returns the left edge."""
        t = self.t
        texts = texts or [self.w.act() for _ in range(self.r.choice([1, 2, 2, 3]))]
        even = max(t.px(70), max(t.font.width(v) for v in texts) + t.px(20)) if self.chance(0.6) else None
        main = self.chance(0.6) if main is None else main
        for i, text in enumerate(reversed(texts)):
            w = even or t.font.width(text) + t.px(28)
            self.button(x2 - w, y, text, w, main=main and i == 0, glyph=self.r.choice(TOOL_GLYPHS) if even and t.look in ("gtk", "breeze") and t.colourful and self.chance(0.5) else None)
            x2 -= w + t.gap
        return x2

    # ----- fields
    def input(self, x, y, w, text=None, glyph=None, h=None):
        t = self.t
        box = (int(x), int(y), int(x + w), int(y) + (h or t.control))
        self.field(box)
        left = t.px(7)
        if glyph:
            self.sign(box[0] + left + t.icon / 2, (box[1] + box[3]) / 2, t.icon, glyph, t.dim)
            left += t.icon + t.px(5)
        text = self.r.choice([self.w.noun, self.w.file, self.w.name, lambda: "", self.w.amount, lambda: "•" * 8])() if text is None else text
        self.middle((box[0] + left, box[1], box[2] - 2, box[3]), text, None, t.dim if glyph or self.chance(0.2) else t.fg, "left")
        self.s.add("input", box)
        return box

    def spin(self, x, y, w):
        t = self.t
        box = (int(x), int(y), int(x + w), int(y) + t.control)
        self.field(box)
        x1, y1, x2, y2 = box
        self.middle((x1, y1, x2 - t.control, y2), self.r.choice([str(self.r.randint(0, 400)), f"{self.r.random() * 9:.2f}", f"{self.r.randint(1, 90)} px"]), None, None, "left", t.px(7))
        if t.look == "adwaita" or t.look == "gtk":
            if w > 3 * t.control:
                for i, name in enumerate(("minus", "plus")):
                    left = x2 - (2 - i) * t.control
                    self.s.line(left, y1 + 1, left, y2 - 2, t.line)
                    self.s.glyph(name, left + t.control / 2, (y1 + y2) / 2, t.icon * 0.8, t.fg, t.stroke)
        else:
            left, mid = x2 - int(t.control * 0.7), (y1 + y2) // 2
            for name, a, b in (("tri_up", y1, mid), ("tri_down", mid, y2)):
                if t.bevel == "3d":
                    self.raised((left, a + 1, x2 - 1, b - 1))
                self.s.glyph(name, (left + x2) / 2, (a + b) / 2, max(5, (b - a) * 0.6), t.fg)
        self.s.add("input", box)
        return box

    def combo(self, x, y, w, text=None, h=None, open_=False):
        t = self.t
        box = (int(x), int(y), int(x + w), int(y) + (h or t.control))
        (self.field if t.look in ("win95", "android") or self.chance(0.2) else self.raised)(box)
        x1, y1, x2, y2 = box
        arrow = int(min(y2 - y1, t.control))
        if t.bevel == "3d":
            self.raised((x2 - arrow + 2, y1 + 2, x2 - 2, y2 - 2))
        elif t.look == "mac":
            self.s.rounded((x2 - arrow + 3, y1 + 2, x2 - 2, y2 - 2), t.radius, t.accent)
        self.s.glyph("tri_down" if t.bevel == "3d" or t.look in ("gtk", "fusion") else "down", x2 - arrow / 2, (y1 + y2) / 2, arrow * 0.42, t.on_accent if t.look == "mac" else t.fg, 2.6)
        self.middle((x1, y1, x2 - arrow, y2), text or self.w.noun(), None, None, "left", t.px(8))
        self.s.add("select", box)
        if open_:
            rows = [self.w.noun() for _ in range(self.r.randint(3, 8))]
            self.later.append(lambda: self.popup(x1, y2, rows, w))
        return box

    def mark_size(self):
        return max(10, self.t.px(self.r.choice([13, 14, 16, 18]) if self.t.look != "android" else 20))

    def check(self, x, cy, size=None, on=None, radio=False):
        """A check box or radio button without its caption; cy is its middle. Returns its box."""
        t, size = self.t, int(size or self.mark_size())
        on = self.chance(0.5) if on is None else on
        box = (int(x), int(cy - size / 2), int(x) + size, int(cy - size / 2) + size)
        radius = size // 2 if radio else 0 if t.bevel == "3d" else max(1, min(t.radius, size // 4))
        filled = on and t.look not in ("win95", "gtk", "fusion") or on and self.chance(0.2)
        cx, my = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if filled:
            self.s.rounded(box, radius, t.accent)
        else:
            self.s.rounded(box, radius, t.base, mix(t.base, t.fg, 0.5), max(1, size // 10))
        if on and radio:
            dot = max(4, int(size * 0.44))
            self.s.rounded((int(cx - dot / 2), int(my - dot / 2), int(cx - dot / 2) + dot, int(my - dot / 2) + dot), dot // 2, t.on_accent if filled else t.fg)
        elif on:
            self.s.glyph("check", cx, my, size * 0.75, t.on_accent if filled else t.fg, 3.4)
        self.s.add("radio" if radio else "checkbox", box)
        return box

    def choice(self, x, y, h=None, radio=False, text=None, on=None, room=None):
        """A check box or radio button and its caption (listed as text); returns the right edge."""
        t, h = self.t, h or t_row(self.t)
        mark = self.check(x, y + h / 2, None, on, radio)
        font = t.font
        box = self.text(mark[2] + t.px(7), y + (h - font.height) // 2, text or self.w.caption(), font, room=None if room is None else max(10, room - (mark[2] - x) - t.px(7)))
        return box[2]

    def toggle(self, x, cy, on=None):
        t = self.t
        h = max(12, t.px(self.r.choice([16, 18, 20, 22, 24])))
        w = int(h * self.r.choice([1.75, 1.9, 2.1]))
        on = self.chance(0.5) if on is None else on
        box = (int(x), int(cy - h / 2), int(x) + w, int(cy - h / 2) + h)
        back = t.accent if on else mix(t.bg, t.fg, 0.3)
        hollow = not on and t.look in ("win10", "win11")
        self.s.rounded(box, h // 2 if t.look != "gtk" else t.radius, t.bg if hollow else back, t.fg if hollow else None, max(1, h // 14))
        k = max(2, h // 8) if not hollow else max(3, h // 4)
        left = box[2] - h + k if on else box[0] + k
        self.s.rounded((left, box[1] + k, left + h - 2 * k, box[3] - k), h // 2 if t.look != "gtk" else t.radius, t.fg if hollow else (250, 250, 250))
        self.s.add("toggle", box)
        return box

    def slider(self, x, cy, w):
        t = self.t
        thumb, thick = max(10, t.px(self.r.choice([12, 14, 16, 20]))), max(2, t.px(self.r.choice([2, 4, 5])))
        part = self.r.random()
        at = int(x + (w - thumb) * part)
        x, cy = int(x), int(cy)
        self.s.rounded((x, cy - thick // 2, x + int(w), cy - thick // 2 + thick), thick // 2, mix(t.bg, t.fg, 0.3))
        if t.bevel != "3d":
            self.s.rounded((x, cy - thick // 2, at + thumb // 2, cy - thick // 2 + thick), thick // 2, t.accent)
        box = (at, cy - thumb // 2, at + thumb, cy - thumb // 2 + thumb)
        if t.look in ("win10", "win95", "fusion"):
            self.raised((at, box[1], at + thumb // 2 + 2, box[3]), t.accent if t.look == "win10" else None)
        else:
            self.s.rounded(box, thumb // 2, t.accent if self.chance(0.4) else (252, 252, 252), mix(t.bg, t.fg, 0.4))
        self.s.add("slider", (x, box[1], x + int(w), box[3]))

    def progress(self, x, y, w, h=None):
        """Not an element; drawn for looks."""
        h = h or self.t.px(self.r.choice([4, 8, 14]))
        self.s.rounded((x, y, x + w, y + h), h // 2, mix(self.t.bg, self.t.fg, 0.15))
        self.s.rounded((x, y, x + int(w * self.r.uniform(0.1, 1)), y + h), h // 2, self.t.accent)

    # ----- bars
    def tabs(self, box, texts=None, closable=False, width=None, current=None):
        """A row of tabs that fills `box` from the left; returns the used right edge."""
        t, (x, y1, x2, y2) = self.t, box
        texts = texts or [self.w.noun() for _ in range(self.r.randint(2, 6))]
        current = self.r.randrange(len(texts)) if current is None else current
        under = t.look in ("adwaita", "android", "win11") or self.chance(0.25)
        if not under:
            self.s.line(x, y2 - 1, x2 - 1, y2 - 1, t.line)
        for i, text in enumerate(texts):
            w = width or t.font.width(text) + t.px(24) + (t.control if closable else 0)
            if x + w > x2:
                break
            tab = (int(x), y1, int(x + w), y2)
            if under:
                if i == current:
                    self.s.rect((tab[0], y2 - max(2, t.px(3)), tab[2], y2), t.accent)
            elif t.bevel == "3d":
                self.raised(tab if i == current else (tab[0], y1 + 2, tab[2], y2))
            else:
                self.s.rounded((tab[0], y1, tab[2], y2 + 1), t.radius, t.base if i == current else mix(t.bg, t.fg, 0.06), t.line)
            side = t.control if closable else 0
            self.middle((tab[0], y1, tab[2] - side, y2), text, t.bold if i == current and t.look == "adwaita" else t.font, t.fg if i == current else t.dim, pad=t.px(6))
            self.s.add("tab", tab)
            if closable:
                size = max(12, int(min(t.control, y2 - y1) * 0.62))
                cx = tab[2] - t.px(6) - size / 2
                self.s.glyph("cross", cx, (y1 + y2) / 2, size * 0.6, t.dim, 2.4)
                self.s.add("icon", (int(cx - size / 2), int((y1 + y2 - size) / 2), int(cx - size / 2) + size, int((y1 + y2 - size) / 2) + size))
            x += w + (0 if t.bevel == "3d" or under else self.r.choice([0, 0, 1]))
        return x

    def menubar(self, box, open_=False, fill=None):
        """The menu titles; one may be open (drawn later). Returns the right edge."""
        t, (x, y1, x2, y2) = self.t, box
        titles = self.w.menus[: self.r.randint(3, len(self.w.menus))]
        if len(titles) > 8:
            titles = titles[:3] + self.r.sample(titles[3:], self.r.randint(1, 5))
        pad, opened = t.px(self.r.choice([5, 7, 8, 10])), self.r.randrange(min(5, len(titles))) if open_ else -1
        for i, title in enumerate(titles):
            w = t.font.width(title) + 2 * pad
            if x + w > x2:
                break
            entry = (int(x), y1, int(x + w), y2)
            if i == opened:
                self.s.rect(entry, t.accent if self.chance(0.6) else mix(t.bg, t.fg, 0.14))
                left = entry[0]
                self.later.append(lambda: self.menu(left, y2))
            self.middle(entry, title, None, fill)
            self.s.add("menu_item", entry)
            x += w
        return x

    def menu(self, x, y, rows=None, depth=0):
        """An open menu with signs, shortcuts, marks, lines between, and perhaps a submenu."""
        t, s, r = self.t, self.s, self.r
        rows = rows or [self.w.act() for _ in range(r.randint(4, 15))]
        h, gutter = max(t.size + 5, t.px(r.choice([20, 22, 24, 26, 30, 34]))), t.px(r.choice([8, 24, 28, 32]))
        keys = [r.choice(["", "Ctrl+", "Alt+", "Shift+Ctrl+", "⌘"]) + r.choice("ABCDEFNOPQSVWXZ") if self.chance(0.45) else "" for _ in rows]
        w = gutter + max(t.font.width(v) for v in rows) + t.px(20) + max(t.font.width(k) for k in keys) + t.px(24)
        lines = [self.chance(0.18) for _ in rows]
        tall = h * len(rows) + t.px(7) * sum(lines[1:]) + 2 * t.px(4)
        x, y = int(max(0, min(x, s.width - w - 2))), int(max(0, min(y, s.height - tall - 2)))
        box = (x, y, x + w, y + tall)
        s.shadow(box)
        s.cover(box)
        if t.bevel == "3d":
            self.raised(box, t.bg)
        else:
            s.rounded(box, t.radius, t.menu, t.line)
        top, chosen, signs = y + t.px(4), r.randrange(len(rows)) if self.chance(0.5) else -1, self.chance(0.5)
        for i, row in enumerate(rows):
            if lines[i] and i:
                s.line(x + t.px(6), top + t.px(3), x + w - t.px(6), top + t.px(3), t.line)
                top += t.px(7)
            entry = (x + 2, top, x + w - 2, top + h)
            fg = t.fg
            if i == chosen:
                bold_mark = self.chance(0.6)
                s.rounded(entry, t.radius // 2, t.accent if bold_mark else mix(t.menu, t.fg, 0.12))
                fg = t.on_accent if bold_mark else t.fg
            elif self.chance(0.12):
                fg = t.dim
            if gutter > t.px(16):
                if signs and self.chance(0.8):
                    self.sign(x + gutter / 2 + 1, top + h / 2, min(t.icon, h - 4), None, fg if i == chosen else None)
                elif self.chance(0.2):
                    s.glyph("check", x + gutter / 2 + 1, top + h / 2, t.icon * 0.8, fg, 2.6)
            s.write(x + gutter + t.px(4), top + (h - t.font.height) // 2, row, t.font, fg)
            if keys[i]:
                self.middle((x, top, x + w - t.px(10), top + h), keys[i], None, mix(fg, t.menu, 0.3), "right")
            elif self.chance(0.12):
                s.glyph("tri_right" if t.look in ("gtk", "win95") else "right", x + w - t.px(12), top + h / 2, t.icon * 0.55, fg, 2.4)
                if depth == 0 and i == chosen:
                    at = top
                    self.later.append(lambda: self.menu(x + w - 3, at, [self.w.act() for _ in range(r.randint(2, 7))], 1))
            s.add("menu_item", entry)
            top += h

    def popup(self, x, y, rows, w):
        """The open list of a combo box."""
        t, h = self.t, max(self.t.size + 4, self.t.row)
        tall = h * len(rows) + 2
        y = min(y, self.s.height - tall - 1)
        box = (int(x), int(y), int(x + w), int(y + tall))
        self.s.cover(box)
        self.s.rect(box, t.base, t.line)
        chosen = self.r.randrange(len(rows))
        for i, row in enumerate(rows):
            entry = (box[0] + 1, box[1] + 1 + i * h, box[2] - 1, box[1] + 1 + (i + 1) * h)
            if i == chosen:
                self.s.rect(entry, t.accent)
            self.middle(entry, row, None, t.on_accent if i == chosen else t.fg, "left", t.px(7))
            self.s.add("list_item", entry)

    def tooltip(self, x, y):
        t, text = self.t, self.w.caption()
        w, h = t.font.width(text) + t.px(14), t.font.height + t.px(8)
        x, y = int(max(0, min(x, self.s.width - w - 1))), int(max(0, min(y, self.s.height - h - 1)))
        box, dark = (x, y, x + w, y + h), self.chance(0.5)
        self.s.cover(box)
        self.s.rounded(box, t.radius, (35, 35, 38) if dark else (250, 247, 215), (90, 90, 90))
        self.text(x + t.px(7), y + t.px(4), text, None, (245, 245, 245) if dark else (20, 20, 20))

    def toolbar(self, box, fill=None, wide=True):
        """Buttons with glyphs (some with text), lines between, now and then a field or a combo box; returns the right edge."""
        t, r, (x, y1, x2, y2) = self.t, self.r, box
        if y2 - y1 >= t.icon + t.small.height + t.px(8):
            return self._captioned_tools(box)
        h = min(t.tool, y2 - y1 - 2)
        x, y = x + t.px(r.choice([2, 4, 6, 8])), (y1 + y2 - h) // 2
        gap = t.px(r.choice([0, 0, 1, 2, 4]))
        texts = self.chance(0.25)
        for _ in range(r.randint(3, 22 if wide else 8)):
            roll = r.random()
            w = h
            if roll < 0.12:
                x += t.px(4)
                if x + 4 > x2:
                    break
                self.s.line(x, y + 3, x, y + h - 4, t.line)
                x += t.px(5)
                continue
            if texts and roll < 0.6:
                label, glyph = self.w.act(), r.choice(TOOL_GLYPHS)
                w = t.font.width(label) + t.icon + t.px(18)
                if x + w > x2:
                    break
                self.button(x, y, label, w, h, glyph=glyph, flat=t.flat_tools)
            elif roll < 0.2 and wide:
                w = t.px(r.randint(60, 170))
                if x + w > x2:
                    break
                (self.combo if self.chance(0.7) else self.input)(x, y, w, h=h)
            elif roll < 0.28:  # with a small arrow for its menu
                w = h + t.px(12)
                if x + w > x2:
                    break
                self.icon_button(x, y, h, fill=fill)
                arrow = (int(x + h), int(y), int(x + w), int(y + h))
                self.s.glyph("tri_down", (arrow[0] + arrow[2]) / 2, y + h / 2, t.px(7), fill or t.fg)
                self.s.add("icon", arrow)
            else:
                if x + w > x2:
                    break
                self.icon_button(x, y, h, fill=fill)
            x += w + gap
        return x

    def _captioned_tools(self, box):
        """Tool buttons with their text under the glyph; returns the right edge."""
        t, (x, y1, x2, y2) = self.t, box
        x, even = x + t.px(4), self.chance(0.4)
        for _ in range(self.r.randint(3, 12)):
            text = self.w.act().rstrip("…")
            w = max(t.icon + t.px(12), t.small.width(text) + t.px(10), t.px(64) if even else 0)
            if x + w > x2:
                break
            button = (int(x), y1 + 2, int(x + w), y2 - 2)
            if self.chance(0.08):
                self.s.rounded(button, t.radius, mix(t.bg, t.fg, 0.15), t.line)
            self.sign(x + w / 2, y1 + t.px(3) + t.icon / 2 + 1, t.icon)
            self.s.write(x + (w - t.small.width(text)) // 2, y2 - t.px(4) - t.small.height, text, t.small, t.fg)
            self.s.add("button", button)
            x += w + t.px(self.r.choice([0, 2, 2, 10]))
        return x

    def linked(self, x, y, h, texts, widths):
        """Buttons without gaps of which one is chosen; returns the right edge."""
        t, chosen = self.t, self.r.randrange(len(texts))
        for i, (text, w) in enumerate(zip(texts, widths)):
            box = (int(x), int(y), int(x) + w, int(y) + h)
            self.raised(box, mix(t.face, t.fg, 0.2) if i == chosen else None, round_=t.radius if i in (0, len(texts) - 1) else 0)
            self.middle(box, text, t.bold if i == chosen and self.chance(0.5) else t.font, pad=2)
            self.s.add("button", box)
            x += w
        return x

    def statusbar(self, box):
        t, (x1, y1, x2, y2) = self.t, box
        self.s.rect(box, t.bg)
        self.s.line(x1, y1, x2 - 1, y1, t.line)
        x, y = x1 + t.px(8), (y1 + y2 - t.small.height) // 2 + 1
        for _ in range(self.r.randint(1, 5)):
            text = self.r.choice([self.w.amount, self.w.caption, self.w.noun, lambda: f"{self.r.randint(1, 99)}:{self.r.randint(1, 80)}", lambda: "UTF-8"])()
            if x + t.small.width(text) > x2 - t.px(8):
                break
            x = self.text(x, y, text, t.small, t.dim if self.chance(0.3) else t.fg)[2] + t.px(self.r.choice([12, 20, 60]))

    # ----- lists
    def rows(self, box, kind="list", columns=1, header=False, label="list_item", row=None, tree=False, signs=True, full=0.7):
        """A list or tree in `box`: each row is one element over the whole width of its rows; with columns and perhaps their heads (buttons).

        With label "text" the rows are not clickable and each cell is a text of its own."""
        t, s, r, (x1, y1, x2, y2) = self.t, self.s, self.r, box
        h = row or t.row
        s.rect(box, t.base)
        y = y1
        parts = [r.uniform(1.6, 3)] + [r.uniform(0.6, 1.4) for _ in range(columns - 1)]
        edges = [x1]
        for part in parts:
            edges.append(edges[-1] + int((x2 - x1) * part / sum(parts)))
        edges[-1] = x2
        if header:
            for a, b in zip(edges, edges[1:]):
                cell = (a, y, b, y + h)
                if t.bevel == "3d":
                    self.raised(cell)
                else:
                    s.rect(cell, mix(t.base, t.bg, 0.7))
                    s.line(b - 1, y + 3, b - 1, y + h - 4, t.line)
                    s.line(a, y + h - 1, b - 1, y + h - 1, t.line)
                self.middle(cell, self.w.noun(), t.bold if t.look == "adwaita" else t.font, None, "left", t.px(6))
                if self.chance(0.15):
                    s.glyph("tri_down", b - t.px(10), y + h / 2, t.px(8), t.dim)
                s.add("button", cell)
            y += h
        striped, lined, filled = self.chance(0.35), self.chance(0.25), self.chance(full)
        count = (y2 - y) // h if filled else r.randint(1, max(1, (y2 - y) // h))
        checked, chosen, depth = self.chance(0.1), r.randrange(max(1, count)) if self.chance(0.7) else -1, 0
        makers = [r.choice([self.w.amount, self.w.date, self.w.noun, self.w.name]) for _ in range(columns - 1)]
        first = {"files": self.w.file, "names": self.w.name, "words": self.w.noun, "captions": self.w.caption}.get(kind, r.choice([self.w.file, self.w.noun, self.w.caption]))
        strong = self.chance(0.6)
        for i in range(count + (1 if filled and (y2 - y) % h > h * 0.6 else 0)):
            line = (x1, y + i * h, x2, min(y2, y + (i + 1) * h))
            fg = t.fg
            if i == chosen:
                s.rect(line, t.accent if strong else mix(t.base, t.accent, 0.25))
                fg = t.on_accent if strong else t.fg
            elif striped and i % 2:
                s.rect(line, t.stripe)
            if lined:
                s.line(x1, line[3] - 1, x2 - 1, line[3] - 1, mix(t.base, t.fg, 0.1))
            if label == "list_item":
                s.add("list_item", line)
            x, cy = x1 + t.px(5), y + i * h + h / 2
            if tree:
                depth = max(0, min(4, depth + r.choice([-2, -1, 0, 0, 0, 1])))
                x += depth * t.px(16)
                if self.chance(0.4):
                    s.glyph(r.choice(["tri_right", "tri_down"]) if t.look in ("gtk", "win95") else r.choice(["right", "down"]), x + t.px(6), cy, t.px(10), fg, 2.4)
                x += t.px(15)
            if checked:
                x = self.check(x, cy, min(self.mark_size(), h - 4))[2] + t.px(6)
            if signs:
                size = min(h - 3, t.icon)
                if kind == "files":
                    self.emblem(x + size / 2, cy, size, r.choice(["folder", "file", "picture"]))
                else:
                    self.sign(x + size / 2, cy, size, None, fg if not t.colourful else None)
                x += size + t.px(6)
            for c in range(columns):
                a = x if c == 0 else edges[c] + t.px(6)
                text = t.font.fit(first() if c == 0 else makers[c - 1](), edges[c + 1] - a - t.px(4))
                place = s.write(a, int(cy - t.font.height / 2), text, t.font, fg if c == 0 or self.t.dark else mix(fg, t.base, 0.15) if i != chosen else fg)
                if label == "text" and text:
                    s.add("text", place)
        if y2 - y > h * 4 and self.chance(0.6) and filled:
            self.scrollbar((x2 - t.px(self.r.choice([8, 12, 15])), y, x2, y2))

    def icon_grid(self, box, cell=None, size=None, files=True):
        """Entries with an icon and a caption under it, in a grid; each is one list_item around both."""
        t, r, (x1, y1, x2, y2) = self.t, self.r, box
        size = size or t.px(r.choice([32, 40, 48, 56, 64, 80, 96]))
        cell = cell or (size + t.px(r.choice([28, 40, 56])), size + t.font.height * 2 + t.px(18))
        many = r.randint(3, 80)
        y, chosen = y1 + t.px(8), r.randrange(30)
        while y + cell[1] * 0.8 < y2 and many > 0:
            x = x1 + t.px(8)
            while x + cell[0] < x2 and many > 0:
                self.icon_entry(x, y, cell[0] - t.px(4), size, None if files else "program", chosen == many)
                x += cell[0]
                many -= 1
            y += cell[1]

    def icon_entry(self, x, y, w, size, kind=None, chosen=False, fill=None, text=None):
        t = self.t
        kind = kind or self.r.choice(["folder", "folder", "file", "file", "picture"])
        text = text or (self.w.folder() if kind == "folder" else self.w.noun() if kind == "program" else self.w.file())
        lines = t.font.wrap(text, w)[:2]
        lines = [t.font.fit(line, w) for line in lines]
        wide = max([size] + [t.font.width(line) for line in lines])
        tall = size + t.px(4) + len(lines) * t.font.height
        box = (int(x + (w - wide) / 2) - 2, int(y), int(x + (w + wide) / 2) + 2, int(y + tall))
        if chosen:
            self.s.rounded(box, t.radius, mix(t.base, t.accent, 0.4))
        self.emblem(x + w / 2, y + size / 2, size, kind)
        for i, line in enumerate(lines):
            self.s.write(x + (w - t.font.width(line)) / 2, y + size + t.px(3) + i * t.font.height, line, t.font, fill or t.fg)
        self.s.add("list_item", box)

    def sidebar(self, box, signs=True, heads=False, count=None):
        t, r, (x1, y1, x2, y2) = self.t, self.r, box
        fg = readable(t.side)
        self.s.rect(box, t.side)
        self.s.line(x2 - 1, y1, x2 - 1, y2 - 1, t.line)
        tall = signs and self.chance(0.12)  # a large glyph over the caption
        h, inset = max(t.row, t.size + 8), t.px(r.choice([0, 0, 4, 6]))
        if tall:
            h, heads, big = t.px(r.choice([28, 36])) + t.font.height + t.px(14), False, t.px(r.choice([22, 28, 32]))
        y, chosen = y1 + t.px(r.choice([0, 4, 8])), r.randrange(6)
        for i in range(count or r.randint(4, 18)):
            if y + h > y2:
                break
            if heads and self.chance(0.18) or heads and i == 0:
                self.text(x1 + t.px(8), y + (h - t.bold.height) // 2, self.w.noun(), t.bold, mix(fg, t.side, 0.3), "heading", x2 - x1 - t.px(12))
                y += h
                continue
            row = (x1 + inset, y, x2 - 1 - inset, y + h)
            back = t.side
            if i == chosen:
                back = r.choice([t.accent, mix(t.side, fg, 0.14)])
                self.s.rounded(row, t.radius if inset else 0, back)
            ink = readable(back)
            left = row[0] + t.px(9)
            if tall:
                (self.sign if self.chance(0.6) else self.emblem)((row[0] + row[2]) / 2, y + t.px(5) + big / 2, big)
                self.middle((row[0], row[3] - t.font.height - t.px(6), row[2], row[3] - t.px(4)), self.w.noun(), None, ink, pad=2)
                self.s.add("list_item", row)
                y += h
                continue
            if signs:
                self.sign(left + t.icon / 2, y + h / 2, min(t.icon, h - 4), None, ink if not t.colourful else None)
                left += t.icon + t.px(8)
            self.middle((left, y, row[2] - t.px(4), y + h), self.w.noun(), None, ink, "left")
            self.s.add("list_item", row)
            y += h


def t_row(theme):
    """The height of a line of a form that holds only a mark and its caption."""
    return max(theme.size + 6, min(theme.row, theme.px(28)))
