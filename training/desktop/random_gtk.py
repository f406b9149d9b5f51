"""Random windows drawn by GTK 3, with the boxes that the widgets and their style tell: `python3 random_gtk.py --out DIR --count N --seed S`.

The windows are drawn off the screen, on an X server (Xvfb) that is started for it. Which themes there are depends on the packages named in ../README.md.
"""

from __future__ import annotations

import atexit
import io
import os
import subprocess
from random import Random


def _start_display() -> None:
    """An X server of our own, which ends with this process."""
    reading, writing = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "640x480x24", "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL)
    atexit.register(server.terminate)
    os.close(writing)
    with os.fdopen(reading) as told:
        os.environ["DISPLAY"] = ":" + told.readline().strip()


_start_display()
os.environ.update(GDK_BACKEND="x11", NO_AT_BRIDGE="1", GSETTINGS_BACKEND="memory")

import cairo  # noqa: E402
import gi  # noqa: E402

gi.require_version("Gtk", "3.0")
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf, GLib, GObject, Gtk, Pango  # noqa: E402
from PIL import Image  # noqa: E402

from random_content import FILES, PLACES, MenuRow, Node  # noqa: E402
from random_scene import Box, Drawn, Element, intersect, picture, visible, write_screens  # noqa: E402

_THEMES = {
    "Adwaita": 9, "Adwaita-dark": 2, "HighContrast": 0.5, "Arc": 1.5, "Arc-Dark": 1, "Arc-Darker": 1, "Arc-Lighter": 0.7, "Breeze": 2, "Breeze-Dark": 1, "Greybird": 2,
    "Greybird-dark": 1, "Greybird-bright": 0.5, "Greybird-compact": 0.7, "Numix": 1.5, "Blackbird": 1, "Raleigh": 1.2,
}
_ICONS = ["Adwaita", "Adwaita", "gnome", "Tango", "Papirus", "elementary-xfce", "breeze", "Numix"]
_FONTS = ["DejaVu Sans", "DejaVu Sans", "Liberation Sans", "Open Sans", "Roboto"]
_LATIN_FONTS = ["Cantarell", "Cantarell", "Lato", "Liberation Serif"]
_STYLE = b"""
.small-tab-button { padding: 0; min-width: 16px; min-height: 16px; }
.large-title { font-size: 140%; }
.bold-title, .large-title.heavy { font-weight: bold; }
.large-digits { font-size: 180%; }
.terminal, .terminal text { background-color: #1b1d22; color: #d5dbd6; font-family: monospace; }
.code { font-family: monospace; }
"""
_Parts = list[tuple[Box, str]]


class GtkWindows:
    """Builds windows of widgets; see random_scene.Toolkit. `items`: the widgets of a window that are listed; `turn`: decides between small varieties."""

    def __init__(self):
        self.settings = Gtk.Settings.get_default()
        self.settings.props.gtk_enable_animations = False
        self.settings.props.gtk_cursor_blink = False
        self.rng = Random(0)
        self.turn = 0
        self.symbolic = False
        self.items: list[tuple[Gtk.Widget, str]] = []
        self.menus: list[tuple[Gtk.Widget, Gtk.Menu]] = []
        style = Gtk.CssProvider()
        style.load_from_data(_STYLE)
        self.screen = Gtk.OffscreenWindow().get_screen()
        Gtk.StyleContext.add_provider_for_screen(self.screen, style, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)

    def use(self, rng: Random, language: str) -> str:
        theme = rng.choices(list(_THEMES), list(_THEMES.values()))[0]
        icons = rng.choice(_ICONS)
        if "ark" in theme.lower() or theme == "Blackbird":
            icons = {"breeze": "breeze-dark", "Papirus": "Papirus-Dark", "elementary-xfce": "elementary-xfce-dark"}.get(icons, icons)
        font = rng.choice(_FONTS if language in ("ru", "el") else _FONTS + _LATIN_FONTS)
        self.settings.props.gtk_theme_name = theme
        self.settings.props.gtk_icon_theme_name = icons
        self.settings.props.gtk_font_name = f"{font} {rng.choice([8, 9, 10, 10, 11, 11, 12, 14])}"
        self.settings.props.gtk_xft_dpi = 96 * 1024
        self.symbolic = rng.random() < 0.4
        return theme

    def glyph(self, name: str, size: int) -> Image.Image | None:
        try:
            pixbuf = Gtk.IconTheme.get_default().load_icon(name, size, Gtk.IconLookupFlags.FORCE_SIZE)
        except GLib.Error:
            return None
        _, data = pixbuf.save_to_bufferv("png", [], [])
        return Image.open(io.BytesIO(data)).convert("RGBA").resize((size, size))

    def render(self, node: Node, width: int, height: int, scale: float) -> Drawn:
        self.items, self.menus, self.turn = [], [], self.rng.randrange(1000)
        window = Gtk.OffscreenWindow()
        body = self.build(node)
        body.set_size_request(width, height)
        window.add(body)
        window.show_all()
        _settle(window)
        popups = [p for title, menu in self.menus for p in [self._open(window, title, menu, scale)] if p]
        trees = [w for w, kind in self.items if kind == "list"]
        drawn = Drawn(_paint(window, scale, trees), [e for widget, kind in self.items for e in self._elements(window, widget, kind, scale)], popups)
        for _, menu in self.menus:
            menu.destroy()
        window.destroy()
        return drawn

    def _open(self, window: Gtk.Widget, title: Gtk.Widget, menu: Gtk.Menu, scale: float):
        x, y, _, y2 = _place(title, window)
        title.set_state_flags(Gtk.StateFlags.PRELIGHT, False)
        rows = [r for r in menu.get_children() if not isinstance(r, Gtk.SeparatorMenuItem)]
        self.rng.choice(rows).set_state_flags(Gtk.StateFlags.PRELIGHT, False)
        menu.show_all()  # its rows alone
        menu.show()
        top = menu.get_toplevel()
        top.show()
        _settle(top)
        elements = [Element.of(_scaled(_place(r, top), scale), "menu_item") for r in rows if r.get_mapped()]
        drawn = Drawn(_paint(top, scale, []), elements)
        top.hide()
        return int(x * scale), int(y2 * scale), drawn

    # ----- boxes
    def _elements(self, window: Gtk.Widget, widget: Gtk.Widget, kind: str, scale: float) -> list[Element]:
        if not widget.get_mapped():
            return []
        clip = _clip(widget, window)
        if clip is None:
            return []
        found = []
        for box, label in getattr(self, f"_at_{kind}", lambda w, top: [(_bare(w, top), kind)])(widget, window):
            seen = visible(box, clip) if box[2] > box[0] and box[3] > box[1] else None
            if seen is not None:
                found.append(Element.of(_scaled(seen, scale), label.removeprefix("standing "), label.startswith("standing ")))
        return found

    def _at_check(self, w: Gtk.CheckButton, top: Gtk.Widget, label: str = "checkbox") -> _Parts:
        x1, y1, x2, y2 = _place(w, top)
        outer = w.get_style_context()
        state = outer.get_state()
        inner = _node_style(w, [("radio" if label == "radio" else "check", [])])
        own = [_sum(outer.get_margin(state), outer.get_border(state), outer.get_padding(state)), _sum(inner.get_margin(state)), _sum(inner.get_border(state), inner.get_padding(state))]
        wide, tall = (inner.get_property(f"min-{side}", state) for side in ("width", "height"))
        left = x1 + own[0][3] + own[1][3]
        full = wide + own[2][1] + own[2][3], tall + own[2][0] + own[2][2]
        middle = (y1 + own[0][0] + y2 - own[0][2] + own[1][0] - own[1][2]) / 2
        upper = round(middle - full[1] / 2)
        parts: _Parts = [((left, upper, left + full[0], upper + full[1]), label)]
        caption = w.get_child()
        return parts + (self._at_text(caption, top) if isinstance(caption, Gtk.Label) else [])

    def _at_radio(self, w: Gtk.RadioButton, top: Gtk.Widget) -> _Parts:
        return self._at_check(w, top, "radio")

    def _at_text(self, w: Gtk.Label, top: Gtk.Widget, label: str = "text") -> _Parts:
        x, y, x2, y2 = _place(w, top)
        at, (left, upper) = w.get_allocation(), w.get_layout_offsets()
        extents = w.get_layout().get_pixel_extents()[1]
        x, y = x + left - at.x + extents.x, y + upper - at.y + extents.y
        return [((x, y, min(x2, x + extents.width), min(y2, y + extents.height)), label)] if extents.width else []

    def _at_heading(self, w: Gtk.Label, top: Gtk.Widget) -> _Parts:
        return self._at_text(w, top, "heading")

    def _at_link(self, w: Gtk.LinkButton, top: Gtk.Widget) -> _Parts:
        return self._at_text(w.get_child(), top, "link")

    def _at_image(self, w: Gtk.Image, top: Gtk.Widget, label: str = "image") -> _Parts:
        x1, y1, x2, y2 = _place(w, top)
        shot = w.get_pixbuf()
        wide, tall = (shot.get_width(), shot.get_height()) if shot else [w.get_pixel_size()] * 2
        x, y = (x1 + x2 - wide) // 2, (y1 + y2 - tall) // 2
        return [((x, y, x + wide, y + tall), label)]

    def _at_sign(self, w: Gtk.Image, top: Gtk.Widget) -> _Parts:
        return self._at_image(w, top, "standing icon")

    def _at_slider(self, w: Gtk.Scale, top: Gtk.Widget) -> _Parts:
        x, y, _, _ = _place(w, top)
        trough, (start, end) = w.get_range_rect(), w.get_slider_range()
        style = _node_style(w, [("contents", []), ("trough", []), ("slider", [])])
        state = style.get_state()
        edge = _sum(style.get_border(state), style.get_padding(state))
        thumb = style.get_property("min-height", state) + edge[0] + edge[2]
        half, middle = max(trough.height, thumb) / 2, y + trough.y + trough.height / 2
        parts: _Parts = [((x + min(trough.x, start), middle - half, x + max(trough.x + trough.width, end), middle + half), "slider")]
        layout = w.get_layout()
        if layout is not None:
            left, upper = w.get_layout_offsets()
            at, extents = w.get_allocation(), layout.get_pixel_extents()[1]
            parts.append(((x + left - at.x, y + upper - at.y, x + left - at.x + extents.width, y + upper - at.y + extents.height), "text"))
        return parts

    def _at_tabs(self, w: Gtk.Notebook, top: Gtk.Widget) -> _Parts:
        side = {Gtk.PositionType.TOP: "top", Gtk.PositionType.BOTTOM: "bottom", Gtk.PositionType.LEFT: "left"}[w.get_tab_pos()]
        parts: _Parts = []
        for i in range(w.get_n_pages()):
            label = w.get_tab_label(w.get_nth_page(i))
            if not label.get_mapped():
                continue
            style = _node_style(w, [("header", [side]), ("tabs", []), ("tab", [])], i == w.get_current_page())
            state = style.get_state()
            edge = _sum(style.get_border(state), style.get_padding(state))
            x1, y1, x2, y2 = _place(label, top)
            parts.append(((x1 - edge[3], y1 - edge[0], x2 + edge[1], y2 + edge[2]), "tab"))
        return parts

    def _at_list(self, w: Gtk.TreeView, top: Gtk.Widget) -> _Parts:
        x, y, x2, y2 = _place(w, top)
        model, parts = w.get_model(), []
        _, first = w.convert_bin_window_to_widget_coords(0, 0)
        pane: Box = (x, y + first, x2, y2)

        def visit(_model, path, _row):
            area = w.get_background_area(path, None)
            if area.height:
                _, at = w.convert_bin_window_to_widget_coords(0, area.y)
                row = visible((x, y + at, x2, y + at + area.height), pane)
                if row is not None:
                    parts.append((row, "list_item"))

        model.foreach(visit)
        if w.get_headers_visible():
            parts += [(seen, "button") for c in w.get_columns() if c.get_button().get_mapped() for seen in [visible(_place(c.get_button(), top), (x, y, x2, y2))] if seen]
        return parts

    def _at_icons(self, w: Gtk.IconView, top: Gtk.Widget) -> _Parts:
        x, y, _, _ = _place(w, top)
        parts: _Parts = []
        for row in w.get_model():
            found, area = w.get_cell_rect(row.path, None)
            if found:
                parts.append(((x + area.x, y + area.y, x + area.x + area.width, y + area.y + area.height), "list_item"))
        return parts

    # ----- widgets
    def build(self, node: Node) -> Gtk.Widget:
        widget = getattr(self, f"_make_{node.kind}")(node)
        if not node.enabled:
            widget.set_sensitive(False)
        return widget

    def _kept(self, widget: Gtk.Widget, kind: str) -> Gtk.Widget:
        self.items.append((widget, kind))
        return widget

    def _icon(self, name: str, size: int = 16) -> Gtk.Image:
        theme = Gtk.IconTheme.get_default()
        wanted = [f"{name}-symbolic", name] if self.symbolic else [name, f"{name}-symbolic"]
        image = Gtk.Image.new_from_icon_name(next((n for n in wanted if theme.has_icon(n)), "text-x-generic"), Gtk.IconSize.MENU)
        image.set_pixel_size(size)
        return image

    def _pixbuf(self, name: str, size: int) -> GdkPixbuf.Pixbuf | None:
        try:
            return Gtk.IconTheme.get_default().load_icon(name, size, Gtk.IconLookupFlags.FORCE_SIZE)
        except GLib.Error:
            return None

    def _fill(self, node: Node, way: Gtk.Orientation) -> Gtk.Widget:
        box = Gtk.Box(orientation=way, spacing=node.gap, border_width=node.pad)
        for child in node.children:
            widget = Gtk.Box() if child.kind == "spacer" else self.build(child)
            across = way == Gtk.Orientation.HORIZONTAL and child.kind in ("button", "icon", "check", "radio", "combo", "entry", "search", "spin", "slider", "switch", "sign")
            if across:
                widget.set_valign(Gtk.Align.CENTER)
            elif child.kind in ("check", "radio", "link", "heading") and self.turn % 2:
                widget.set_halign(Gtk.Align.START)
            box.pack_start(widget, child.grow, child.grow, 0)
        return box

    def _make_column(self, node: Node) -> Gtk.Widget:
        return self._fill(node, Gtk.Orientation.VERTICAL)

    def _make_row(self, node: Node) -> Gtk.Widget:
        return self._fill(node, Gtk.Orientation.HORIZONTAL)

    def _make_grid(self, node: Node) -> Gtk.Widget:
        grid = Gtk.Grid(row_homogeneous=True, column_homogeneous=True, row_spacing=node.gap, column_spacing=node.gap)
        for i, child in enumerate(node.children):
            widget = self.build(child)
            widget.props.expand = True
            grid.attach(widget, i % node.count, i // node.count, 1, 1)
        return grid

    def _make_form(self, node: Node) -> Gtk.Widget:
        grid = Gtk.Grid(row_spacing=node.gap, column_spacing=8, border_width=node.pad)
        for i, child in enumerate(node.children):
            if child.kind != "pair":
                grid.attach(self.build(child), self.turn % 2, i, 2 - self.turn % 2, 1)
                continue
            caption, field = (self.build(c) for c in child.children)
            caption.set_halign(Gtk.Align.END if node.form == "right" else Gtk.Align.START)
            inner = child.children[1]
            if inner.grow or inner.kind in ("entry", "slider", "comboedit") and self.turn % 3:
                field.set_hexpand(True)
            else:
                field.set_halign(Gtk.Align.START)
            field.set_valign(Gtk.Align.CENTER)
            grid.attach(caption, 0, i, 1, 1)
            grid.attach(field, 1, i, 1, 1)
        return grid

    def _make_split(self, node: Node, way=Gtk.Orientation.HORIZONTAL) -> Gtk.Widget:
        paned = Gtk.Paned(orientation=way, wide_handle=self.turn % 2 == 0)
        first, second = (self.build(c) for c in node.children)
        paned.pack1(first, node.value > 0.5, False)
        paned.pack2(second, True, False)
        if way == Gtk.Orientation.VERTICAL:
            paned.set_position(int(self.rng.randint(100, 420)))
        return paned

    def _make_vsplit(self, node: Node) -> Gtk.Widget:
        return self._make_split(node, Gtk.Orientation.VERTICAL)

    def _scrolled(self, child: Gtk.Widget, width: int, height: int, frame: bool) -> Gtk.Widget:
        pane = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN if frame else Gtk.ShadowType.NONE, overlay_scrolling=self.turn % 3 > 0)
        pane.set_size_request(width, height)
        pane.add(child)
        return pane

    def _make_scroll(self, node: Node) -> Gtk.Widget:
        pane = self._scrolled(self.build(node.children[0]), 150, 100, self.turn % 2 == 0)
        pane.set_policy(Gtk.PolicyType.AUTOMATIC, Gtk.PolicyType.AUTOMATIC)
        return pane

    def _make_group(self, node: Node) -> Gtk.Widget:
        body = self.build(node.children[0])
        if node.form == "frame":
            frame = Gtk.Frame()
            frame.set_label_widget(self._make_check(Node("check", node.text, on=True)) if node.on else self._make_label(Node("label", node.text)))
            frame.add(body)
            return frame
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        box.pack_start(self._make_heading(Node("heading", node.text, form="bold" if node.form == "bold" else "large")), False, False, 0)
        body.set_margin_start(12)
        box.pack_start(body, True, True, 0)
        return box

    def _make_tabs(self, node: Node) -> Gtk.Widget:
        book = Gtk.Notebook()
        for page in node.children:
            label = Gtk.Box(spacing=4)
            if page.glyph:
                label.pack_start(self._icon(page.glyph), False, False, 0)
            label.pack_start(Gtk.Label(label=page.form), True, True, 0)
            if page.on:
                close = Gtk.Button(relief=Gtk.ReliefStyle.NONE, image=self._icon("window-close"), valign=Gtk.Align.CENTER)
                close.get_style_context().add_class("small-tab-button")
                label.pack_start(self._kept(close, "icon"), False, False, 0)
            label.show_all()
            body = self.build(page)
            body.show_all()
            book.append_page(body, label)
        book.set_current_page(node.count)
        book.set_tab_pos({"top": Gtk.PositionType.TOP, "bottom": Gtk.PositionType.BOTTOM, "left": Gtk.PositionType.LEFT}[node.form])
        return self._kept(book, "tabs")

    def _make_menubar(self, node: Node) -> Gtk.Widget:
        bar = Gtk.MenuBar()
        for i, title in enumerate(node.children):
            item = Gtk.MenuItem(label=title.text)
            bar.append(self._kept(item, "menu_item"))
            if node.on and i == node.count:
                menu = Gtk.Menu(reserve_toggle_size=self.turn % 2 == 0)
                for row in node.rows:
                    menu.append(self._menu_row(row))
                self.menus.append((item, menu))
        return bar

    def _menu_row(self, row: MenuRow) -> Gtk.Widget:
        if not row.text:
            return Gtk.SeparatorMenuItem()
        if row.mark:
            item = Gtk.CheckMenuItem(draw_as_radio=row.mark == "radio", active=row.on)
        else:
            item = Gtk.MenuItem()
        box = Gtk.Box(spacing=6)
        if row.glyph:
            box.pack_start(self._icon(row.glyph), False, False, 0)
        box.pack_start(Gtk.Label(label=row.text, xalign=0), True, True, 0)
        if row.shortcut:
            key = Gtk.Label(label=row.shortcut, xalign=1, margin_start=16)
            key.get_style_context().add_class("accelerator")
            box.pack_end(key, False, False, 0)
        item.add(box)
        if row.opens:
            item.set_submenu(Gtk.Menu())
        item.set_sensitive(row.enabled)
        return item

    def _make_toolbar(self, node: Node) -> Gtk.Widget:
        bar = Gtk.Toolbar()
        bar.set_style({"icons": Gtk.ToolbarStyle.ICONS, "beside": Gtk.ToolbarStyle.BOTH_HORIZ, "below": Gtk.ToolbarStyle.BOTH, "text": Gtk.ToolbarStyle.TEXT}[node.form])
        if self.turn % 3 == 0:
            bar.get_style_context().add_class("primary-toolbar")
        for part in node.children:
            if part.kind == "gap":
                bar.insert(Gtk.SeparatorToolItem(), -1)
            elif part.kind != "tool":
                item = Gtk.ToolItem()
                item.add(self.build(part))
                bar.insert(item, -1)
            else:
                picture_of = self._icon(part.glyph, node.height)
                item = Gtk.ToggleToolButton(active=True) if part.on else Gtk.ToolButton()
                item.set_icon_widget(picture_of)
                item.set_label(part.text)
                item.set_is_important(self.turn % 4 > 0 or node.form != "beside" or part.glyph < "f")
                item.set_sensitive(part.enabled)
                text = node.form != "icons" and (node.form != "beside" or item.get_is_important())
                self._kept(item.get_child(), "button" if text else "icon")
                bar.insert(item, -1)
        bar.forall(lambda child: self._kept(child, "icon") if isinstance(child, Gtk.ToggleButton) else None)  # leads to what found no room
        return bar

    def _make_header(self, node: Node) -> Gtk.Widget:
        bar = Gtk.HeaderBar(spacing=6)
        titles = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, valign=Gtk.Align.CENTER)
        for text, style, kind in ((node.text, "title", "heading"), (node.form, "subtitle", "text")):
            if text:
                label = Gtk.Label(label=text, ellipsize=Pango.EllipsizeMode.END)
                label.get_style_context().add_class(style)
                titles.add(self._kept(label, kind))
        bar.set_custom_title(titles)
        for child in node.children:
            bar.pack_start(self.build(child))
        for child in reversed(node.rows):
            bar.pack_end(self.build(child))
        return bar

    def _make_windowbutton(self, node: Node) -> Gtk.Widget:
        button = Gtk.Button(valign=Gtk.Align.CENTER, image=Gtk.Image.new_from_icon_name(f"{node.glyph}-symbolic", Gtk.IconSize.MENU))
        for name in ("titlebutton", node.glyph.split("-")[1]):
            button.get_style_context().add_class(name)
        return self._kept(button, "icon")

    def _make_button(self, node: Node) -> Gtk.Widget:
        button = Gtk.Button(label=node.text)
        if node.glyph:
            button.set_image(self._icon(node.glyph))
            button.set_always_show_image(True)
        if self.rng.random() < 0.06:
            button.get_style_context().add_class(self.rng.choice(["suggested-action", "destructive-action"]))
        return self._kept(button, "button")

    def _make_key(self, node: Node) -> Gtk.Widget:
        return self._kept(Gtk.Button(label=node.text), "button")

    def _make_icon(self, node: Node) -> Gtk.Widget:
        button = Gtk.Button(image=self._icon(node.glyph), relief=Gtk.ReliefStyle.NONE if node.form == "flat" else Gtk.ReliefStyle.NORMAL)
        return self._kept(button, "icon")

    def _make_label(self, node: Node) -> Gtk.Widget:
        label = Gtk.Label(label=node.text, xalign=0)
        if node.form == "wrap":
            label.set_line_wrap(True)
            label.set_width_chars(24)
            label.set_max_width_chars(self.rng.choice([40, 60, 90]))
        elif len(node.text) > 30:
            label.set_ellipsize(Pango.EllipsizeMode.END)
            label.set_width_chars(20)
        return self._kept(label, "text")

    def _make_heading(self, node: Node) -> Gtk.Widget:
        label = Gtk.Label(label=node.text, xalign=0, margin=node.pad)
        style = label.get_style_context()
        style.add_class("large-title" if node.form == "large" else "bold-title")
        if self.turn % 2:
            style.add_class("heavy")
        return self._kept(label, "heading")

    def _make_link(self, node: Node) -> Gtk.Widget:
        return self._kept(Gtk.LinkButton(uri="about:", label=node.text), "link")

    def _make_entry(self, node: Node) -> Gtk.Widget:
        entry = Gtk.Entry(text=node.text, placeholder_text="" if node.text or self.turn % 2 else "…")
        entry.set_width_chars(max(4, node.width // 9))
        return self._kept(entry, "input")

    def _make_display(self, node: Node) -> Gtk.Widget:
        entry = Gtk.Entry(text=node.text, xalign=1)
        entry.get_style_context().add_class("large-digits")
        entry.set_size_request(-1, node.height)
        return self._kept(entry, "input")

    def _make_search(self, node: Node) -> Gtk.Widget:
        entry = Gtk.SearchEntry(text=node.text, placeholder_text="Search")
        entry.set_width_chars(max(8, node.width // 9))
        return self._kept(entry, "input")

    def _make_password(self, node: Node) -> Gtk.Widget:
        entry = Gtk.Entry(text=node.text, visibility=False)
        return self._kept(entry, "input")

    def _make_spin(self, node: Node) -> Gtk.Widget:
        spin = Gtk.SpinButton.new_with_range(0, node.count, 1)
        spin.set_value(int(node.value * node.count))
        return self._kept(spin, "input")

    def _make_combo(self, node: Node) -> Gtk.Widget:
        combo = Gtk.ComboBoxText.new_with_entry() if node.kind == "comboedit" else Gtk.ComboBoxText()
        for row in node.rows:
            combo.append_text(row)
        combo.set_active(0)
        combo.set_size_request(node.width or -1, -1)
        return self._kept(combo, "select")

    def _make_comboedit(self, node: Node) -> Gtk.Widget:
        return self._make_combo(node)

    def _make_check(self, node: Node) -> Gtk.Widget:
        box = Gtk.CheckButton(active=node.on, inconsistent=node.on and self.rng.random() < 0.1)
        if node.text:
            box.set_label(node.text)
        return self._kept(box, "check")

    def _make_radio(self, node: Node) -> Gtk.Widget:
        first = Gtk.RadioButton()
        button = Gtk.RadioButton(group=first, label=node.text)
        button.set_active(node.on)
        return self._kept(button, "radio")

    def _make_switch(self, node: Node) -> Gtk.Widget:
        return self._kept(Gtk.Switch(active=node.on, halign=Gtk.Align.START, valign=Gtk.Align.CENTER), "toggle")

    def _make_slider(self, node: Node) -> Gtk.Widget:
        scale = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 0, 100, 1)
        scale.set_value(int(node.value * 100))
        scale.set_draw_value(node.form == "number")
        scale.set_value_pos(Gtk.PositionType.RIGHT if self.turn % 2 else Gtk.PositionType.TOP)
        scale.set_size_request(node.width or 80, -1)
        return self._kept(scale, "slider")

    def _make_editor(self, node: Node) -> Gtk.Widget:
        text = node.text
        if node.form == "numbers":
            text = "\n".join(f"{i + 1:4d}  {line}" for i, line in enumerate(text.split("\n")))
        view = Gtk.TextView(left_margin=self.rng.choice([0, 4, 12]), wrap_mode=Gtk.WrapMode.WORD if node.form == "plain" else Gtk.WrapMode.NONE)
        view.get_buffer().set_text(text)
        if node.form != "plain":
            view.get_style_context().add_class("terminal" if node.form == "terminal" else "code")
        return self._kept(self._scrolled(view, node.width, node.height, self.turn % 2 == 0), "input")

    def _make_list(self, node: Node) -> Gtk.Widget:
        glyphs = {"files": FILES, "places": PLACES}.get(node.glyph, [])
        store = Gtk.TreeStore(str, *[str] * len(node.columns))
        parent = None
        for i, cells in enumerate(node.rows):
            under = parent if node.form == "tree" and i and self.rng.random() < 0.6 else None
            row = store.append(under, [self.rng.choice(glyphs) if glyphs else "", *cells])
            if under is None or self.rng.random() < 0.2:
                parent = row
        view = Gtk.TreeView(model=store, headers_visible=node.on, enable_tree_lines=self.turn % 4 == 0, show_expanders=node.form == "tree")
        for i, title in enumerate(node.columns):
            column = Gtk.TreeViewColumn()
            column.set_title(title)
            column.set_resizable(True)
            column.set_spacing(4)
            if i == 0 and glyphs:
                glyph = Gtk.CellRendererPixbuf()
                column.pack_start(glyph, False)
                column.add_attribute(glyph, "icon-name", 0)
            letters = Gtk.CellRendererText()
            column.pack_start(letters, True)
            column.add_attribute(letters, "text", i + 1)
            column.set_sort_indicator(i == 0 and self.turn % 3 == 0)
            column.set_expand(i == 0)
            column.set_clickable(True)
            view.append_column(column)
        view.expand_all()
        view.get_selection().select_path(Gtk.TreePath.new_from_string(str(node.count % store.iter_n_children(None))))
        pane = self._scrolled(view, node.width, node.height, self.turn % 2 == 0)
        if node.value > 0.8:
            view.scroll_to_cell(Gtk.TreePath.new_from_string(str(store.iter_n_children(None) - 1)), None, False, 0, 0)
        self._kept(view, "list")
        return pane

    def _make_side(self, node: Node) -> Gtk.Widget:
        rows = Gtk.ListBox()
        rows.get_style_context().add_class(self.rng.choice(["sidebar", "view"]))
        below, pad = node.form == "below", self.rng.choice([2, 4, 8])
        for i, child in enumerate(node.children):
            box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL if below else Gtk.Orientation.HORIZONTAL, spacing=4 if below else 8, border_width=pad)
            if node.form != "plain":
                box.pack_start(self._icon(child.glyph, node.height), False, False, 0)
            box.pack_start(Gtk.Label(label=child.text, xalign=0.5 if below else 0, ellipsize=Pango.EllipsizeMode.END), below, True, 0)
            row = Gtk.ListBoxRow()
            row.add(box)
            rows.add(self._kept(row, "list_item"))
            if i == node.count:
                rows.select_row(row)
        pane = self._scrolled(rows, node.width, 60, self.turn % 2 == 0)
        pane.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        return pane

    def _make_icons(self, node: Node) -> Gtk.Widget:
        store = Gtk.ListStore(str, GdkPixbuf.Pixbuf)
        for text, glyph in node.rows:
            store.append([text, self._pixbuf(glyph, node.height)])
        view = Gtk.IconView(model=store, text_column=0, pixbuf_column=1, item_width=self.rng.choice([-1, 80, 110]), spacing=2)
        view.select_path(Gtk.TreePath.new_from_string(str(node.count)))
        pane = self._scrolled(view, node.width, 90, self.turn % 2 == 0)
        self._kept(view, "icons")
        return pane

    def _make_calendar(self, node: Node) -> Gtk.Widget:
        """A month of flat buttons: GTK's own calendar does not tell where its days are."""
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2)
        head = [Node("icon", glyph="go-previous", form="flat"), Node("heading", f"{node.text} {int(node.value)}", form="bold", grow=True), Node("icon", glyph="go-next", form="flat")]
        box.add(self._make_row(Node("row", children=head)))
        grid = Gtk.Grid(column_homogeneous=True)
        for column, name in enumerate("Mo Tu We Th Fr Sa Su".split()):
            grid.attach(self._kept(Gtk.Label(label=name), "text"), column, 0, 1, 1)
        for day in range(1, 31):
            button = Gtk.Button(label=str(day), relief=Gtk.ReliefStyle.NONE)
            at = day + node.count % 7
            grid.attach(self._kept(button, "button"), at % 7, 1 + at // 7, 1, 1)
        box.add(grid)
        return box

    def _make_image(self, node: Node) -> Gtk.Widget:
        shot = picture(self.rng, node.width, node.height)
        data = GLib.Bytes.new(shot.tobytes())
        pixbuf = GdkPixbuf.Pixbuf.new_from_bytes(data, GdkPixbuf.Colorspace.RGB, False, 8, shot.width, shot.height, shot.width * 3)
        return self._kept(Gtk.Image.new_from_pixbuf(pixbuf), "image")

    def _make_sign(self, node: Node) -> Gtk.Widget:
        image = Gtk.Image.new_from_icon_name(node.glyph, Gtk.IconSize.DIALOG)
        image.set_pixel_size(node.height)
        return self._kept(image, "sign")

    def _make_spacer(self, node: Node) -> Gtk.Widget:
        return Gtk.Box()


def _settle(window: Gtk.Window) -> None:
    """Lets a window lay itself out; what is still waiting for its place then (notebooks, rows that were made late) gets it."""
    for _ in range(3):
        for _ in range(400):
            if not Gtk.events_pending():
                break
            Gtk.main_iteration_do(False)
        window.check_resize()
        window.size_allocate(window.get_allocation())


def _place(widget: Gtk.Widget, top: Gtk.Widget) -> Box:
    """A widget's allocation in px of its window."""
    at = widget.translate_coordinates(top, 0, 0) or (0, 0)
    size = widget.get_allocation()
    return at[0], at[1], at[0] + size.width, at[1] + size.height


def _clip(widget: Gtk.Widget, window: Gtk.Widget) -> Box | None:
    """The part of the window in which the widget can be seen, px; None when there is none."""
    size = window.get_allocation()
    clip: Box | None = (0, 0, size.width, size.height)
    around = widget.get_parent()
    while around is not None and clip is not None:
        if isinstance(around, (Gtk.Viewport, Gtk.ScrolledWindow, Gtk.Paned, Gtk.Notebook)):
            clip = intersect(clip, _place(around, window))
        around = around.get_parent()
    return clip


def _bare(widget: Gtk.Widget, top: Gtk.Widget) -> Box:
    """A widget's allocation without the margin of its style."""
    x1, y1, x2, y2 = _place(widget, top)
    style = widget.get_style_context()
    upper, right, lower, left = _sum(style.get_margin(style.get_state()))
    return x1 + left, y1 + upper, x2 - right, y2 - lower


def _sum(*borders: Gtk.Border) -> tuple[int, int, int, int]:
    """Upper, right, lower and left sides added up."""
    return sum(b.top for b in borders), sum(b.right for b in borders), sum(b.bottom for b in borders), sum(b.left for b in borders)


def _node_style(widget: Gtk.Widget, names: list[tuple[str, list[str]]], checked: bool = False) -> Gtk.StyleContext:
    """The style of a part that has no widget of its own: `names` are the nodes below the widget's, with their classes."""
    path = widget.get_path().copy()
    state = widget.get_state_flags()
    for i, (name, classes) in enumerate(names):
        path.append_type(GObject.TYPE_NONE)
        path.iter_set_object_name(-1, name)
        for each in classes:
            path.iter_add_class(-1, each)
        if checked and i == len(names) - 1:
            state |= Gtk.StateFlags.CHECKED
        path.iter_set_state(-1, state)
    style = Gtk.StyleContext()
    style.set_path(path)
    style.set_state(state)
    return style


def _scaled(box: Box, scale: float) -> Box:
    return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale


def _paint(window: Gtk.Widget, scale: float, trees: list[Gtk.TreeView]) -> Image.Image:
    """Draws a window; the heads of its lists' columns have a drawing window that GTK leaves out here, so they are drawn after it."""
    size = window.get_allocation()
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, max(1, int(size.width * scale)), max(1, int(size.height * scale)))
    context = cairo.Context(surface)
    context.scale(scale, scale)
    window.draw(context)
    for tree in trees:
        clip = intersect(_place(tree, window), _clip(tree, window) or (0, 0, 0, 0)) if tree.get_mapped() and tree.get_headers_visible() else None
        if clip is None:
            continue
        for head in (column.get_button() for column in tree.get_columns()):
            x, y, _, _ = _place(head, window)
            context.save()
            context.rectangle(clip[0], clip[1], clip[2] - clip[0], clip[3] - clip[1])
            context.clip()
            context.translate(x, y)
            head.draw(context)
            context.restore()
    surface.flush()
    data = Image.frombuffer("RGBA", (surface.get_width(), surface.get_height()), bytes(surface.get_data()), "raw", "BGRA", surface.get_stride(), 1)
    return data.convert("RGB")


if __name__ == "__main__":
    write_screens(GtkWindows(), "gtk3")
