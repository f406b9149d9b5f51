"""Reads the elements of a screen from the accessibility tree (AT-SPI) and gives them the detector's labels.

Which role becomes which label (the rules themselves: ../LABELS.md):
  push button, toggle button, push button menu   button; icon when it shows only a glyph (see `_only_glyph`); a nameless toggle button of a switch's form: toggle
  check box, radio button                        checkbox, radio: the square or circle alone, found in the pixels; its caption becomes text; without such a mark
                                                 (a button of a linked row): button or icon
  entry, password text, spin button, terminal, date editor, editable text and documents: input      combo box: select
  menu and (check, radio) menu item: menu_item   page tab: tab     link: link     slider: slider
  list item, tree item, table row, icon in an icon view: list_item; cells of a tree, tree table or table: one list_item for each row, as wide as the view
  column and row headers: button                 group titles of Qt: text
  label, static, caption, paragraph, status bar: text; heading when its letters are heavy (weight 600 or more) or, in Qt, large
  heading: heading                               image, chart: icon up to 64 px, else image; inside a button, tab or row it is not listed
Only what is SHOWING and VISIBLE, with extents in screen coordinates, cut to its scrolled panes and to the screen. Scroll bars, progress bars,
separators, rulers, calendars and drawing areas are no elements (a calendar's days are not told).
"""

import re

import gi
import numpy as np

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

R = Atspi.Role
_BUTTONS = {R.PUSH_BUTTON, R.TOGGLE_BUTTON, R.PUSH_BUTTON_MENU}
_MENU = {R.MENU, R.MENU_ITEM, R.CHECK_MENU_ITEM, R.RADIO_MENU_ITEM, R.TEAROFF_MENU_ITEM}
_ROWS = {R.LIST_ITEM, R.TREE_ITEM, R.TABLE_ROW}
_VIEWS = {R.TREE, R.TREE_TABLE, R.TABLE, R.LIST, R.LIST_BOX}
_FIELDS = {R.ENTRY, R.PASSWORD_TEXT, R.SPIN_BUTTON, R.TERMINAL, R.DATE_EDITOR, R.EDITBAR, R.AUTOCOMPLETE}
_TEXTS = {R.LABEL, R.STATIC, R.CAPTION, R.PARAGRAPH, R.STATUS_BAR}
_HEADS = {R.TABLE_COLUMN_HEADER, R.TABLE_ROW_HEADER, R.COLUMN_HEADER, R.ROW_HEADER}
_SKIP = {R.SCROLL_BAR, R.PROGRESS_BAR, R.LEVEL_BAR, R.SEPARATOR, R.RULER, R.CALENDAR, R.DIAL, R.DRAWING_AREA, R.CANVAS, R.ANIMATION}
_TOPS = {R.FRAME, R.DIALOG, R.WINDOW, R.ALERT, R.FILE_CHOOSER, R.COLOR_CHOOSER, R.FONT_CHOOSER, R.POPUP_MENU, R.TOOL_TIP}
_MOST_CELLS = 4000


def attempt(call, *args, default=None):
    """Programs go away or answer nonsense while they are asked: what fails gives the default."""
    try:
        return call(*args)
    except (GLib.Error, RuntimeError, TypeError, AttributeError):
        return default


def children(node):
    for i in range(min(_MOST_CELLS, attempt(node.get_child_count, default=0) or 0)):
        child = attempt(node.get_child_at_index, i)
        if child is not None:
            yield child


def extents(node):
    """The box (x1, y1, x2, y2) in screen px, or None."""
    e = attempt(node.get_extents, Atspi.CoordType.SCREEN)
    if e is None or e.width <= 0 or e.height <= 0 or e.x < -5000 or e.y < -5000:
        return None
    return e.x, e.y, e.x + e.width, e.y + e.height


def has(node, *wanted):
    states = attempt(node.get_state_set)
    return states is not None and all(states.contains(s) for s in wanted)


def showing(node):
    return has(node, Atspi.StateType.SHOWING, Atspi.StateType.VISIBLE)


def name_of(node):
    return (attempt(node.get_name, default="") or "").strip()


def tops():
    """All visible windows: a list of (program's name, process id, accessible)."""
    found = []
    for app in children(Atspi.get_desktop(0)):
        for top in children(app):
            if attempt(top.get_role) in _TOPS and showing(top):
                found.append((name_of(app), attempt(app.get_process_id, default=0), top))
    return found


def find(pattern, roles=None, root=None, limit=6000):
    """The visible accessibles whose name fits the pattern (and whose role is among `roles`), in tree order."""
    wanted, stack, found = re.compile(pattern, re.I), [root] if root else [t[2] for t in reversed(tops())], []
    while stack and limit:
        limit -= 1
        node = stack.pop()
        if not showing(node):
            continue
        if (roles is None or attempt(node.get_role) in roles) and wanted.search(name_of(node)):
            found.append(node)
        stack += reversed(list(children(node)))
    return found


def cut(a, b):
    box = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return box if box[2] > box[0] and box[3] > box[1] else None


class Reader:
    """Collects elements as (window number, box, label, interactive, popup key); `pixels` is the screenshot (height, width, 3)."""

    def __init__(self, pixels):
        self.pixels = pixels.astype(np.int16)
        self.screen = (0, 0, pixels.shape[1], pixels.shape[0])
        self.elements = []
        self.popups = {}

    # ----- what the pixels tell
    def _ink(self, box, least=40):
        """Where a box's pixels differ from its commonest colour, or None when the box lies off the screen."""
        box = cut(box, self.screen)
        if box is None:
            return None, None
        part = self.pixels[box[1] : box[3], box[0] : box[2]]
        flat = part.reshape(-1, 3)
        codes = (flat[:, 0] << 10) + (flat[:, 1] << 5 >> 1) + (flat[:, 2] >> 3)
        values, counts = np.unique(codes, return_counts=True)
        back = np.median(flat[codes == values[counts.argmax()]], axis=0)
        return box, np.abs(part - back).max(2) > least

    def _tight(self, box):
        """A text's box: to its letters at the sides, and to its lines with 2 px above and below."""
        seen, ink = self._ink(box)
        if seen is None or not ink.any():
            return None
        rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
        return seen[0] + int(columns[0]), max(seen[1], seen[1] + int(rows[0]) - 2), seen[0] + int(columns[-1]) + 1, min(seen[3], seen[1] + int(rows[-1]) + 3)

    def _mark(self, box, inset):
        """The square or circle at the left (or right) end of a check box with caption, and the caption's box; (None, None) when there is none.

        It begins at most `inset` px from the box's edge."""
        for least in (40, 14):  # the marks of dark themes hardly stand out
            seen, ink = self._ink(box, least)
            if seen is None or not ink.any():
                continue
            mark, caption = self._mark_in(seen, ink, inset)
            if mark is not None:
                return mark, caption
        return None, None

    def _mark_in(self, seen, ink, inset):
        columns = ink.any(0)
        for flip in (False, True):
            line = columns[::-1] if flip else columns
            start = int(np.argmax(line))
            gap = start
            while gap < len(line) and line[gap : gap + 3].any():
                gap += 1
            a, b = (len(line) - gap, len(line) - start) if flip else (start, gap)
            rows = np.flatnonzero(ink[:, a:b].any(1))
            wide, tall = b - a, int(rows[-1] - rows[0] + 1)
            if start <= inset and 9 <= wide <= 28 and 9 <= tall <= 28 and abs(wide - tall) <= 3:
                mark = seen[0] + a, seen[1] + int(rows[0]), seen[0] + b, seen[1] + int(rows[-1]) + 1
                rest = (seen[0], seen[1], seen[0] + a, seen[3]) if flip else (seen[0] + b, seen[1], seen[2], seen[3])
                return mark, self._tight(rest) if rest[2] - rest[0] > 4 else None
        return None, None

    # ----- from the tree
    def _only_glyph(self, node, box, bar):
        """Whether a button shows no text: it has no name; or its picture nearly fills it; or what is drawn in it is too narrow for its name or has a
        glyph's form. `bar`: it stands in a tool bar, where glyphs are usual."""
        name = name_of(node)
        if any(attempt(c.get_role) == R.LABEL and name_of(c) for c in children(node)):
            return False
        if not name:
            return True
        w, h = box[2] - box[0], box[3] - box[1]
        size = attempt(node.get_image_size) if "Image" in (attempt(node.get_interfaces, default=[]) or []) else None
        if size is not None and 0 < size.x <= w and w - size.x < 30 and h - size.y < 34:
            return True
        if w > 1.7 * h + 6:
            return False
        ink = self._tight((box[0] + 4, box[1] + 4, box[2] - 4, box[3] - 4))
        if ink is None:
            return w < len(name) * 5.5 + 4
        wide, tall = ink[2] - ink[0], ink[3] - ink[1] - 4
        return len(name) > 2 and wide < len(name) * 3.9 or (bar or len(name) > 3) and 12 <= tall <= 30 and wide <= 1.4 * tall

    @staticmethod
    def _kit(node):
        return (attempt((attempt(node.get_application) or node).get_toolkit_name) or "").lower()

    def _heavy(self, node):
        run = attempt(node.get_attribute_run, 0, True)
        if run is None:
            return False
        values = run[0] if isinstance(run, tuple) else run
        try:
            return int(values.get("weight", "400")) >= 600
        except (ValueError, AttributeError):
            return False

    def _one_large_line(self, box):
        """Whether a text's pixels are one line of letters at least 17 px tall: Qt does not tell a label's font."""
        _, ink = self._ink(box)
        if ink is None or not ink.any():
            return False
        rows = ink.any(1)
        first, last = int(np.argmax(rows)), len(rows) - int(np.argmax(rows[::-1]))
        return 17 <= last - first <= 40 and int((~rows[first:last]).sum()) <= 2

    def _text_box(self, node, box):
        length = attempt(node.get_character_count, default=0) or 0
        if length > 0:
            e = attempt(Atspi.Text.get_range_extents, node, 0, length, Atspi.CoordType.SCREEN)
            if e is not None and e.width > 2 and e.height > 4 and cut((e.x, e.y, e.x + e.width, e.y + e.height), box) is not None:
                return cut((e.x, e.y, e.x + e.width, e.y + e.height), box)
        return self._tight(box)

    def _add(self, window, box, clip, label, interactive=True, popup=None):
        if box is None or min(box[2] - box[0], box[3] - box[1]) < 3:
            return
        seen = cut(box, clip)
        if seen is None or (seen[2] - seen[0]) * (seen[3] - seen[1]) < 0.5 * (box[2] - box[0]) * (box[3] - box[1]):
            return
        self.elements.append((window, seen, label, interactive, popup))

    def read(self, window, node, clip=None, bar=False, popup=None, depth=0):
        """Adds what `node` and its children show; `bar`: within a tool bar; `popup`: the key of the open menu that it lies in."""
        if depth > 60 or not showing(node) and depth:
            return
        role, box, clip = attempt(node.get_role), extents(node), clip or self.screen
        if role in _SKIP:
            return
        inner, below, passes = clip, list, popup
        if box is not None and role in (R.SCROLL_PANE, R.VIEWPORT, *_VIEWS):
            inner = cut(clip, box)
            if inner is None:
                return
        elif box is not None and role not in (*_TOPS, *_MENU, R.PAGE_TAB, R.PAGE_TAB_LIST) and "qt" in self._kit(node):
            inner = cut(clip, box)  # Qt's scrolled areas have no role of their own
            if inner is None:
                return
        if role in _VIEWS:
            self._view(window, node, role, inner, popup, depth)
            return
        if box is not None and role not in _TOPS:
            below = self._node(window, node, role, box, clip, bar, popup)
        if role in (R.MENU, R.MENU_ITEM, R.POPUP_MENU):
            passes, inner = (id(node), role), self.screen
        if below is None:
            return
        for child in children(node):
            self.read(window, child, inner, bar or role == R.TOOL_BAR, passes, depth + 1)

    def _node(self, window, node, role, box, clip, bar, popup):
        """Lists one accessible; returns None when its children are not to be looked at."""
        add = lambda label, at=box, interactive=True: self._add(window, at, clip, label, interactive, popup)  # noqa: E731
        name = name_of(node)
        if role in _BUTTONS:
            w, h = box[2] - box[0], box[3] - box[1]
            if h > 90 and list(children(node)):  # an expander with what it holds
                return list
            if role == R.TOGGLE_BUTTON and not name and 1.5 <= w / h <= 2.8 and h <= 34 and not list(children(node)):
                add("toggle")
            else:
                add("icon" if self._only_glyph(node, box, bar) else "button")
            return None
        if role in (R.CHECK_BOX, R.RADIO_BUTTON):
            group = role == R.CHECK_BOX and box[3] - box[1] > 60
            if group:  # a group that can be switched off: the mark is in its title
                box = box[0], box[1], box[2], box[1] + 20
            mark, caption = (None, None) if bar else self._mark(box, 2 if "qt" in self._kit(node) else 8)
            if mark is None or caption is None and name and "qt" in self._kit(node):  # Qt calls tool buttons that stay down check boxes
                add("icon" if self._only_glyph(node, box, bar) else "button")
            else:
                add("checkbox" if role == R.CHECK_BOX else "radio", mark)
                if caption is not None and name:
                    add("text", caption, False)
            return list if group else None
        if role in _FIELDS or role in (R.TEXT, R.DOCUMENT_TEXT, R.DOCUMENT_FRAME, R.DOCUMENT_WEB) and has(node, Atspi.StateType.EDITABLE):
            add("input")
            return None
        if role == R.TEXT:
            add("text", self._text_box(node, box), False)
            return None
        if role == R.COMBO_BOX:  # its list and its field are no elements of their own
            add("select")
            return None
        if role in _MENU:
            if role == R.TEAROFF_MENU_ITEM or role != R.MENU and not name:
                return None
            add("menu_item")
            if popup is not None:
                self.popups.setdefault(popup, []).append(box)
            return list
        if role == R.PAGE_TAB:
            # GTK tells a tab's text alone: the tab is 12 px (GTK 2: 6 px) wider at each side and as tall as the text and its padding.
            side = 6 if "gail" in self._kit(node) else 12
            add("tab", box if "qt" in self._kit(node) else (box[0] - side, box[1] - side // 2, box[2] + side, box[3] + side // 2))
            return list
        if role == R.LINK:
            add("link")
            return None
        if role == R.SLIDER:
            add("slider")
            return None
        if role in _ROWS:
            add("list_item")
            return list
        if role in _HEADS:
            add("button")
            return None
        if role == R.ICON and (name or attempt(attempt(node.get_parent).get_role) == R.LAYERED_PANE):
            add("list_item")
            return None
        if role in (R.IMAGE, R.ICON, R.CHART):
            add("image" if max(box[2] - box[0], box[3] - box[1]) > 64 else "icon", box, False)
            return None
        if role == R.STATUS_BAR and any(showing(c) for c in children(node)):
            return list
        if role in _TEXTS:
            if name or (attempt(node.get_character_count, default=0) or 0) > 0:
                at = self._text_box(node, box)
                large = at is not None and "qt" in self._kit(node) and self._one_large_line(at)
                add("heading" if large or self._heavy(node) else "text", at, False)
                return None
            return list
        if role in (R.GROUPING, R.PANEL) and name and "qt" in self._kit(node):
            # A group's title stands over its frame; the tree tells only the group.
            add("text", self._tight((box[0] + 2, box[1], min(box[2] - 2, box[0] + 24 + 9 * len(name)), box[1] + 18)), False)
            return list
        if role == R.HEADING:
            add("heading", self._text_box(node, box) or box, False)
            return None
        return list

    def _view(self, window, node, role, clip, popup, depth):
        """A list, tree or table: its rows; cells that share a line are one row."""
        lines = {}
        flat = role in (R.LIST, R.LIST_BOX)
        for cell in children(node):
            if not showing(cell):
                continue
            kind, box = attempt(cell.get_role), extents(cell)
            if box is None or kind in _SKIP:
                continue
            if kind in _HEADS or kind in _BUTTONS:
                self._add(window, box, clip, "button", True, popup)
            elif flat and kind in _ROWS:
                self._add(window, box, clip, "list_item", True, popup)
                for child in children(cell):
                    self._nested(window, child, clip, popup)
            elif kind in _ROWS or kind in (R.TABLE_CELL, R.ICON, R.CHECK_BOX):
                middle = (box[1] + box[3]) // 2
                lines.setdefault(next((m for m in lines if abs(m - middle) <= 4), middle), []).append(box)
            else:
                self.read(window, cell, clip, False, popup, depth + 1)
        for line in lines.values():
            # GTK tells the cells without the space before and after them: a row is as wide as what can be seen of its view.
            self._add(window, (clip[0], min(b[1] for b in line), clip[2], max(b[3] for b in line)), clip, "list_item", True, popup)

    def _nested(self, window, node, clip, popup, depth=0):
        """What can be clicked of its own inside a row."""
        if depth > 12 or not showing(node):
            return
        role, box = attempt(node.get_role), extents(node)
        if box is not None and (role in _BUTTONS or role in _FIELDS or role in (R.CHECK_BOX, R.RADIO_BUTTON, R.COMBO_BOX, R.LINK, R.SLIDER)):
            self._node(window, node, role, box, clip, False, popup)
            return
        for child in children(node):
            self._nested(window, child, clip, popup, depth + 1)
