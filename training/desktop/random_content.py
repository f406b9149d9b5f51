"""What random desktop windows hold: trees of widgets that random_gtk.py and random_qt.py build with their toolkit.

Nothing here is taken from a real program; the words are those of the procedural screens.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "detector"))
from procedural_words import Words  # noqa: E402

GLYPHS = (
    "document-new document-open document-save document-save-as document-print document-properties document-send edit-cut edit-copy edit-paste edit-undo "
    "edit-redo edit-delete edit-find edit-find-replace edit-clear edit-select-all go-previous go-next go-up go-down go-home go-first go-last go-jump "
    "view-refresh view-fullscreen view-sort-ascending zoom-in zoom-out zoom-fit-best zoom-original list-add list-remove process-stop help-about "
    "help-contents format-text-bold format-text-italic format-text-underline format-justify-left format-justify-center format-justify-right "
    "format-indent-more media-playback-start media-playback-pause media-playback-stop media-skip-forward media-skip-backward media-record "
    "mail-send mail-reply-sender mail-forward mail-mark-junk bookmark-new folder-new insert-image insert-link system-run window-new tab-new "
    "application-exit object-rotate-left object-rotate-right system-search mail-message-new contact-new tools-check-spelling"
).split()
PLACES = "folder user-home user-desktop user-trash folder-documents folder-download folder-music folder-pictures folder-videos drive-harddisk network-server computer".split()
FILES = "text-x-generic image-x-generic audio-x-generic video-x-generic package-x-generic text-html x-office-document x-office-spreadsheet folder folder application-x-executable".split()
TOPICS = (
    "preferences-system preferences-desktop-theme preferences-desktop-font preferences-desktop-keyboard preferences-desktop-wallpaper preferences-desktop-locale "
    "system-users network-workgroup audio-card input-mouse printer video-display battery preferences-desktop-accessibility applications-internet "
    "applications-graphics applications-office applications-system dialog-password utilities-terminal accessories-text-editor system-file-manager"
).split()
SIGNS = "dialog-warning dialog-error dialog-information dialog-question".split()
SHORTCUTS = "Ctrl+N Ctrl+O Ctrl+S Ctrl+Shift+S Ctrl+P Ctrl+Z Ctrl+Y Ctrl+X Ctrl+C Ctrl+V Del F2 F5 F11 Ctrl+F Ctrl+H Ctrl+A Alt+Return Ctrl+Q Ctrl+W Ctrl+T".split()
_LANGUAGES = {"en": 66, "de": 9, "fr": 8, "es": 7, "pl": 4, "ru": 4, "el": 2}


@dataclass
class Node:
    """A widget, or a group of widgets. What its fields mean depends on the kind; see the builders of random_gtk.py.

    `grow`: takes the room that is left; `gap` and `pad`: between and around the children, px; `width`, `height`: at least so much, px;
    `rows`: cells of a list, or rows of a menu; `on`: checked, chosen, or (menu bar) its menu is open.
    """

    kind: str
    text: str = ""
    children: list["Node"] = field(default_factory=list)
    glyph: str = ""
    rows: list = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    on: bool = False
    enabled: bool = True
    grow: bool = False
    gap: int = 6
    pad: int = 0
    width: int = 0
    height: int = 0
    count: int = 0
    form: str = ""
    value: float = 0.0


@dataclass(frozen=True)
class MenuRow:
    """A row of a menu; `text` is empty for a line between rows. `mark`: "", "check" or "radio"."""

    text: str = ""
    shortcut: str = ""
    glyph: str = ""
    mark: str = ""
    on: bool = False
    enabled: bool = True
    opens: bool = False


def pick_language(rng: Random) -> str:
    return rng.choices(list(_LANGUAGES), list(_LANGUAGES.values()))[0]


class Content:
    """Draws windows; `window()` gives the tree, the size (px, before scaling) and the template's name."""

    def __init__(self, rng: Random, language: str):
        self.rng, self.words = rng, Words(rng, language)
        self.tool_form = rng.choices(["icons", "beside", "below", "text"], [8, 2, 2, 0.6])[0]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # ----- small parts
    def button(self, text: str = "", **more) -> Node:
        r = self.rng
        glyph = r.choice(GLYPHS) if self.chance(0.2) else ""
        return Node("button", text or self.words.act(), glyph=glyph, enabled=not self.chance(0.12), **more)

    def icon(self, form: str = "") -> Node:
        return Node("icon", self.words.act(), glyph=self.rng.choice(GLYPHS), enabled=not self.chance(0.15), form=form or self.rng.choice(["raised", "flat"]))

    def caption(self) -> Node:
        return Node("label", self.words.caption() + self.rng.choice([":", ":", ""]))

    def check(self) -> Node:
        kind = "check" if self.chance(0.75) else "radio"
        return Node(kind, self.words.caption() if self.chance(0.8) else self.words.sentence(3, 8).rstrip("."), on=self.chance(0.5), enabled=not self.chance(0.12))

    def field(self, grow: bool = False) -> Node:
        r, w = self.rng, self.words
        kind = r.choices(["entry", "password", "combo", "comboedit", "spin", "slider", "switch", "check", "button", "search"], [6, 1, 5, 1, 4, 2, 1.5, 1, 1.5, 0.7])[0]
        node = Node(kind, r.choice([w.file, w.name, w.noun, w.amount, lambda: ""])(), enabled=not self.chance(0.1), on=self.chance(0.5), grow=grow)
        if kind in ("combo", "comboedit"):
            node.rows = [r.choice([w.noun, w.caption, w.name, w.amount])() for _ in range(r.randint(2, 5))]
        if kind in ("button", "check"):
            node.text = w.caption()
        if kind in ("entry", "slider", "combo"):
            node.width = r.choice([0, 0, 90, 140, 220])
        node.value, node.count = r.random(), r.choice([9, 100, 1000, 99999])
        node.form = "number" if kind == "slider" and self.chance(0.3) else ""
        return node

    def menu(self) -> list[MenuRow]:
        rows: list[MenuRow] = []
        glyphs, keys = self.chance(0.4), self.rng.choice([0.0, 0.4, 0.8])
        marked = self.rng.choice(["", "", "", "check", "radio"])
        for _ in range(self.rng.randint(3, 16)):
            if rows and rows[-1].text and self.chance(0.2):
                rows.append(MenuRow())
            mark = marked if self.chance(0.5) else ""
            rows.append(MenuRow(
                self.words.act() if self.chance(0.7) else self.words.caption(), self.rng.choice(SHORTCUTS) if self.chance(keys) else "",
                self.rng.choice(GLYPHS) if glyphs and not mark and self.chance(0.7) else "", mark, self.chance(0.5), not self.chance(0.2), self.chance(0.12),
            ))
        return rows

    def menubar(self) -> Node:
        titles = list(self.words.menus)
        count = self.rng.randint(3, min(10, len(titles)))
        if self.chance(0.4):
            self.rng.shuffle(titles)
        bar = Node("menubar", children=[Node("title", t) for t in titles[:count]], on=self.chance(0.28))
        if bar.on:
            bar.count, bar.rows = self.rng.randrange(count), self.menu()
        return bar

    def toolbar(self, least: int = 3, most: int = 16) -> Node:
        parts: list[Node] = []
        for _ in range(self.rng.randint(least, most)):
            if parts and parts[-1].kind != "gap" and self.chance(0.22):
                parts.append(Node("gap"))
            parts.append(Node("tool", self.words.act(), glyph=self.rng.choice(GLYPHS), enabled=not self.chance(0.18), on=self.chance(0.06)))
        if self.chance(0.25):
            parts.append(Node("search" if self.chance(0.5) else "combo", self.rng.choice(["", self.words.noun()]), rows=[self.words.noun() for _ in range(3)], width=self.rng.choice([80, 130, 200])))
        return Node("toolbar", children=parts, form=self.tool_form, height=self.rng.choice([16, 16, 22, 24, 24, 32]))

    def status(self) -> Node:
        w, r = self.words, self.rng
        texts = [r.choice([lambda: w.sentence(2, 6), w.amount, w.caption, w.noun])() for _ in range(r.randint(1, 5))]
        parts = [Node("label", t) for t in texts]
        parts.insert(r.choice([1, 1, len(parts)]), Node("spacer", grow=True))
        if self.chance(0.15):
            parts.append(self.icon("flat"))
        return Node("row", children=parts, gap=r.choice([6, 12, 20]), pad=r.choice([2, 4, 6]))

    def header(self) -> Node:
        """A window's title bar (GTK: a header bar) with its buttons."""
        r = self.rng
        most = r.choice([0, 1, 2, 4])
        side = lambda: [self.icon("raised") if self.chance(0.65) else self.button() for _ in range(r.randint(0, most))]  # noqa: E731
        windows = [Node("windowbutton", glyph=g) for g in r.choice([["window-close"], ["window-minimize", "window-maximize", "window-close"]])]
        return Node("header", r.choice([self.words.noun, self.words.file, self.words.caption])(), children=side(), rows=side() + windows, form=self.words.noun() if self.chance(0.3) else "")

    def tabs(self, pages: list[Node], grow: bool = True) -> Node:
        closable, glyphs = self.chance(0.3), self.chance(0.2)
        for page in pages:
            page.on, page.glyph, page.form = closable, self.rng.choice(GLYPHS + TOPICS) if glyphs else "", self.words.file() if closable and self.chance(0.8) else self.words.noun()
        return Node("tabs", children=pages, grow=grow, count=self.rng.randrange(len(pages)), form=self.rng.choices(["top", "bottom", "left"], [12, 1, 0.7])[0])

    def list(self, columns: int = 0, tree: bool = False, grow: bool = True) -> Node:
        r, w = self.rng, self.words
        columns = columns or r.randint(1, 5)
        first = r.choice([w.file, w.folder, w.name, w.caption])
        makers = [r.choice([w.amount, w.date, w.name, w.noun, w.file]) for _ in range(columns - 1)]
        rows = [[first(), *(make() if not self.chance(0.06) else "" for make in makers)] for _ in range(r.choice([r.randint(1, 8), r.randint(6, 50)]))]
        glyph = r.choice(["", "files", "places"])
        node = Node("list", columns=[w.noun() for _ in range(columns)], rows=rows, grow=grow, glyph=glyph, form="tree" if tree or self.chance(0.12) else "")
        node.on = columns > 1 and self.chance(0.88) or self.chance(0.25)  # with heads
        node.count, node.width, node.height, node.value = r.randrange(len(rows)), r.choice([130, 170, 220]), 90, r.random()
        return node

    def side(self) -> Node:
        """A list of pages or places at a window's side."""
        r = self.rng
        form = r.choice(["plain", "beside", "beside", "below"])
        items = [Node("entry", self.words.noun() if self.chance(0.7) else self.words.caption(), glyph=r.choice(TOPICS + PLACES)) for _ in range(r.randint(3, 16))]
        return Node("side", children=items, form=form, count=r.randrange(len(items)), width=r.choice([110, 150, 200]), height=r.choice([16, 24, 32]))

    def icons(self) -> Node:
        r, w = self.rng, self.words
        glyphs = r.choice([FILES, PLACES, TOPICS, FILES + PLACES])
        rows = [[r.choice([w.file, w.folder, w.noun])(), r.choice(glyphs)] for _ in range(r.choice([r.randint(2, 9), r.randint(8, 50)]))]
        return Node("icons", rows=rows, grow=True, height=r.choice([32, 48, 48, 64]), count=r.randrange(len(rows)), width=200)

    def editor(self) -> Node:
        r, w = self.rng, self.words
        code = self.chance(0.45)
        line = w.code if code else lambda: w.sentence(3, 22) if r.random() < 0.8 else ""
        lines = [line() for _ in range(r.choices([0, r.randint(1, 9), r.randint(8, 60)], [1, 3, 5])[0])]
        form = r.choices(["code" if code else "plain", "terminal", "numbers"], [6, 1.2, 2 if code else 0.5])[0]
        return Node("editor", "\n".join(lines), grow=True, form=form, width=160, height=80)

    def calendar(self) -> Node:
        return Node("calendar", self.words.noun(), count=self.rng.randint(1, 12), value=self.rng.randint(2015, 2028))

    def form(self, least: int = 2, most: int = 9) -> Node:
        """Captions beside fields, with check boxes and buttons among them."""
        lines: list[Node] = []
        for _ in range(self.rng.randint(least, most)):
            if self.chance(0.22):
                lines.append(self.check())
            else:
                lines.append(Node("pair", children=[self.caption(), self.field()]))
        return Node("form", children=lines, gap=self.rng.choice([3, 6, 10]), pad=self.rng.choice([4, 8, 12]), form=self.rng.choice(["right", "left"]))

    def options(self) -> Node:
        """A group of choices."""
        r = self.rng
        kind = r.choice(["check", "check", "radio"])
        chosen = r.randrange(6)
        boxes = [Node(kind, self.words.caption() if self.chance(0.6) else self.words.sentence(3, 8).rstrip("."), on=i == chosen if kind == "radio" else self.chance(0.5), enabled=not self.chance(0.1)) for i in range(r.randint(2, 6))]
        return Node("column", children=boxes, gap=r.choice([0, 3, 6]), pad=r.choice([4, 8]))

    def block(self) -> Node:
        """A part of a page of settings."""
        r = self.rng
        kind = r.choices(["form", "options", "text", "buttons", "link", "list", "rows"], [6, 5, 2, 1.5, 0.8, 0.8, 1.5])[0]
        if kind == "form":
            return self.form(1, 6)
        if kind == "options":
            return self.options()
        if kind == "text":
            return Node("label", self.words.sentence(6, 26), form="wrap")
        if kind == "buttons":
            return Node("row", children=[self.button() for _ in range(r.randint(1, 4))], gap=r.choice([2, 6]))
        if kind == "link":
            return Node("row", children=[Node("link", self.words.caption()), Node("spacer", grow=True)])
        if kind == "list":
            return Node("row", children=[self.list(grow=True), Node("column", children=[self.button() for _ in range(r.randint(1, 4))])])
        return Node("column", children=[Node("row", children=[Node("label", self.words.caption(), grow=True), self.field()]) for _ in range(r.randint(2, 6))], gap=r.choice([4, 10]), pad=6)

    def page(self, most: int = 4) -> Node:
        """Settings in groups, or with headings above them."""
        blocks: list[Node] = []
        form = self.rng.choice(["frame", "bold", "heading", ""])
        for _ in range(self.rng.randint(1, most)):
            block = self.block()
            if form and self.chance(0.85):
                block = Node("group", self.words.caption(), [block], form=form, on=self.chance(0.12))
            blocks.append(block)
        if self.chance(0.3):
            blocks.insert(0, Node("heading", self.words.noun(), form=self.rng.choice(["large", "bold"])))
        return Node("column", children=[*blocks, Node("spacer", grow=True)], gap=self.rng.choice([4, 8, 14]), pad=self.rng.choice([4, 8, 14]))

    def answers(self) -> Node:
        """The row of buttons under a dialog."""
        buttons = [self.button() for _ in range(self.rng.randint(1, 4))]
        at = self.rng.choice([0, 0, 1])
        return Node("row", children=[*buttons[:at], Node("spacer", grow=True), *buttons[at:]], gap=self.rng.choice([4, 6, 8]), pad=self.rng.choice([4, 6, 10]))

    def framed(self, middle: list[Node], bars: float = 1.0) -> Node:
        """A window's content between its bars."""
        top: list[Node] = []
        if self.chance(0.25):
            top.append(self.header())
        if self.chance(0.8 * bars):
            top.append(self.menubar())
        for _ in range(self.rng.choice([0, 1, 1, 1, 2]) if self.chance(bars) else 0):
            top.append(self.toolbar())
        bottom = [self.status()] if self.chance(0.6 * bars) else []
        return Node("column", children=[*top, *middle, *bottom], gap=0, grow=True)

    # ----- windows
    def window(self) -> tuple[Node, tuple[int, int], str]:
        name = self.rng.choices(list(_TEMPLATES), [t[0] for t in _TEMPLATES.values()])[0]
        _, draw, (w0, w1), (h0, h1) = _TEMPLATES[name]
        return draw(self), (self.rng.randint(w0, w1), self.rng.randint(h0, h1)), name

    def _editor(self) -> Node:
        body: Node = self.editor()
        if self.chance(0.55):
            body = self.tabs([self.editor() for _ in range(self.rng.randint(1, 5))])
        if self.chance(0.45):
            body = Node("split", children=[self.list(1, tree=True) if self.chance(0.7) else self.side(), body], grow=True, value=0.22)
        if self.chance(0.25):
            body = Node("vsplit", children=[body, self.list() if self.chance(0.5) else self.tabs([self.list(), self.editor()])], grow=True, value=0.7)
        below = []
        if self.chance(0.3):
            below.append(Node("row", children=[Node("search", self.words.noun() if self.chance(0.5) else "", width=150, grow=self.chance(0.5)), *(self.icon("flat") for _ in range(self.rng.randint(1, 4))), self.button(), self.check()], gap=4, pad=3))
        return self.framed([body, *below])

    def _files(self) -> Node:
        view = self.icons() if self.chance(0.45) else self.list(self.rng.randint(2, 5))
        path = Node("row", children=[*(self.icon("flat") for _ in range(self.rng.randint(1, 3))), Node("entry", "/" + "/".join(self.words.folder() for _ in range(self.rng.randint(0, 4))), grow=True)], gap=3, pad=3)
        crumbs = Node("row", children=[*(Node("button", self.words.folder(), glyph=self.rng.choice(["", "folder"])) for _ in range(self.rng.randint(1, 5))), Node("spacer", grow=True)], gap=self.rng.choice([0, 3]), pad=4)
        body = Node("split", children=[self.side() if self.chance(0.6) else self.list(1, tree=True), view], grow=True, value=0.22) if self.chance(0.7) else view
        return self.framed([*self.rng.choice([[], [path], [crumbs]]), body])

    def _settings(self) -> Node:
        pages = [self.page() for _ in range(self.rng.randint(2, 7))]
        body = self.tabs(pages) if self.chance(0.75) else Node("scroll", children=[pages[0]], grow=True)
        return Node("column", children=[*([self.header()] if self.chance(0.3) else []), body, *([self.answers()] if self.chance(0.85) else [])], gap=self.rng.choice([0, 4]), pad=self.rng.choice([0, 6, 10]), grow=True)

    def _pages(self) -> Node:
        body = Node("scroll", children=[self.page(5)], grow=True) if self.chance(0.7) else self.tabs([self.page() for _ in range(self.rng.randint(2, 4))])
        right = Node("column", children=[*([Node("heading", self.words.noun(), form=self.rng.choice(["large", "bold"]), pad=6)] if self.chance(0.5) else []), body], grow=True)
        split = Node("row", children=[self.side(), right], grow=True, gap=self.rng.choice([0, 6]))
        top = [self.header()] if self.chance(0.3) else [Node("search", "", pad=4)] if self.chance(0.3) else []
        return Node("column", children=[*top, split, *([self.answers()] if self.chance(0.7) else [])], gap=4, pad=self.rng.choice([0, 6]), grow=True)

    def _message(self) -> Node:
        texts = [Node("label", self.words.sentence(6, 24), form="wrap")]
        if self.chance(0.6):
            texts.insert(0, Node("heading", self.words.sentence(3, 7).rstrip("."), form=self.rng.choice(["large", "bold"])))
        if self.chance(0.25):
            texts.append(self.check())
        sign = [Node("sign", glyph=self.rng.choice(SIGNS), height=self.rng.choice([32, 48, 48]))] if self.chance(0.75) else []
        row = Node("row", children=[*sign, Node("column", children=[*texts, Node("spacer", grow=True)], gap=8, grow=True)], gap=12, pad=12, grow=True)
        return Node("column", children=[*([self.header()] if self.chance(0.3) else []), row, self.answers()], gap=4, grow=True)

    def _calculator(self) -> Node:
        r = self.rng
        columns = r.randint(4, 8)
        keys = list("7894561230.=+−×÷%()") + "C AC √ x² sin cos tan ln log π e M+ M- MR ± ^ ! mod Hex Bin And Or Xor 1/x exp ⌫".split()
        r.shuffle(keys)
        grid = Node("grid", children=[Node("key", k, enabled=not self.chance(0.05)) for k in keys[: columns * r.randint(4, 6)]], count=columns, gap=r.choice([0, 2, 5, 8]), grow=True)
        display = Node("display", str(r.choice([0, r.randint(1, 99999), round(r.random() * 1000, 5)])), height=r.choice([40, 60, 80]))
        extra = [Node("row", children=[Node(r.choice(["radio", "radio", "check"]), k, on=self.chance(0.3)) for k in r.sample("Deg Rad Grad Hex Dec Oct Bin".split(), 3)])] if self.chance(0.4) else []
        bar = [self.menubar()] if self.chance(0.7) else [self.header()] if self.chance(0.5) else []
        return Node("column", children=[*bar, Node("column", children=[display, *extra, grid], gap=6, pad=r.choice([4, 8]), grow=True)], gap=0, grow=True)

    def _entry(self) -> Node:
        body = [self.form(3, 12)]
        if self.chance(0.4):
            body.insert(0, Node("heading", self.words.caption(), form=self.rng.choice(["large", "bold"])))
        if self.chance(0.3):
            body.insert(0, Node("label", self.words.sentence(8, 30), form="wrap"))
        if self.chance(0.3):
            body.append(self.editor())
        body.append(Node("spacer", grow=True))
        return Node("column", children=[*([self.header()] if self.chance(0.3) else []), Node("column", children=body, pad=self.rng.choice([6, 12, 20]), grow=True), self.answers()], grow=True)

    def _mail(self) -> Node:
        read = Node("column", children=[Node("heading", self.words.sentence(3, 8).rstrip("."), form="large"), Node("label", self.words.name()), *(Node("label", self.words.sentence(12, 40), form="wrap") for _ in range(self.rng.randint(1, 4))), Node("image", width=self.rng.randint(120, 400), height=self.rng.randint(80, 260)) if self.chance(0.4) else Node("spacer"), Node("spacer", grow=True)], gap=8, pad=10)
        lists = Node("vsplit" if self.chance(0.5) else "split", children=[self.list(self.rng.randint(2, 5)), Node("scroll", children=[read], grow=True)], grow=True, value=0.45)
        return self.framed([Node("split", children=[self.side() if self.chance(0.5) else self.list(1, tree=True), lists], grow=True, value=0.2)])

    def _chooser(self) -> Node:
        top = Node("row", children=[*(self.icon() for _ in range(self.rng.randint(0, 4))), self.caption(), Node("entry" if self.chance(0.6) else "combo", self.words.file(), rows=[self.words.folder()], grow=True), *([self.button()] if self.chance(0.4) else [])], pad=5)
        body = Node("split", children=[self.side(), self.list(self.rng.randint(2, 4)) if self.chance(0.8) else self.icons()], grow=True, value=0.25)
        below = Node("form", children=[Node("pair", children=[self.caption(), Node("entry", self.words.file(), grow=True)]), Node("pair", children=[self.caption(), Node("combo", rows=[self.words.caption() for _ in range(3)], grow=True)])], pad=4)
        return Node("column", children=[*([self.header()] if self.chance(0.3) else []), top, body, *([below] if self.chance(0.5) else []), self.answers()], pad=self.rng.choice([0, 6]), grow=True)

    def _viewer(self) -> Node:
        picture = Node("image", width=self.rng.randint(200, 600), height=self.rng.randint(150, 420), grow=True)
        controls = Node("row", children=[self.icon(), self.icon(), Node("slider", value=self.rng.random(), grow=True), Node("label", self.words.amount()), self.icon("flat")], pad=4)
        return self.framed([picture, *([controls] if self.chance(0.5) else [])])

    def _dates(self) -> Node:
        return self.framed([Node("row", children=[Node("column", children=[self.calendar(), Node("spacer", grow=True)]), Node("column", children=[self.form(1, 4), self.list(), self.answers()], grow=True)], pad=6, grow=True)], 0.5)

    def _tools(self) -> Node:
        """A dense window of everything."""
        left = Node("column", children=[Node("group", self.words.caption(), [self.block()], form="frame") for _ in range(self.rng.randint(2, 3))] + [Node("spacer", grow=True)], gap=4, pad=4)
        right = self.tabs([self.page(3), self.list(), self.editor()])
        return self.framed([Node("row", children=[left, right], grow=True)])

    def _list(self) -> Node:
        """A list under a row of tools, as managers of tasks, packages and archives have."""
        filters = Node("row", children=[Node("search", self.words.noun() if self.chance(0.3) else "", width=160), self.field(), Node("spacer", grow=True), self.button()], pad=4)
        body = self.list(self.rng.randint(3, 7))
        if self.chance(0.3):
            body = self.tabs([body, self.page(), self.list()])
        return self.framed([*([filters] if self.chance(0.4) else []), body, *([self.answers()] if self.chance(0.4) else [])])


# Template: (weight, method, widths, heights)
_TEMPLATES = {
    "editor": (5, Content._editor, (420, 1500), (320, 950)),
    "files": (4, Content._files, (480, 1400), (320, 900)),
    "settings": (6, Content._settings, (340, 900), (300, 760)),
    "pages": (5, Content._pages, (520, 1200), (360, 850)),
    "message": (2, Content._message, (300, 620), (130, 260)),
    "calculator": (2.5, Content._calculator, (260, 620), (280, 620)),
    "entry": (3, Content._entry, (300, 800), (260, 760)),
    "mail": (3, Content._mail, (760, 1600), (480, 1000)),
    "chooser": (2, Content._chooser, (520, 1000), (360, 700)),
    "viewer": (1.5, Content._viewer, (400, 1300), (320, 900)),
    "dates": (1.5, Content._dates, (480, 1000), (300, 700)),
    "tools": (3, Content._tools, (700, 1500), (480, 950)),
    "list": (3, Content._list, (420, 1300), (300, 850)),
}
