"""Random windows drawn by Qt 5, with the boxes that the widgets and their style tell: `python3 random_qt.py --out DIR --count N --seed S`.

Nothing is shown: Qt's offscreen platform draws. Which styles and icons there are depends on the packages named in ../README.md.
"""

import os
from random import Random

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_LOGGING_RULES"] = "*.warning=false"  # what the offscreen platform cannot do is not needed
os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")

from PIL import Image  # noqa: E402
from PyQt5.QtCore import QPoint, QRect, QSize, Qt  # noqa: E402
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QIcon, QImage, QPainter, QPalette, QPixmap  # noqa: E402
from PyQt5.QtWidgets import (  # noqa: E402
    QAction, QApplication, QCalendarWidget, QCheckBox, QComboBox, QFormLayout, QFrame, QGridLayout, QGroupBox, QHBoxLayout, QLabel, QLineEdit, QListView, QListWidget,
    QListWidgetItem, QMenu, QMenuBar, QPlainTextEdit, QPushButton, QRadioButton, QScrollArea, QSizePolicy, QSlider, QSpinBox, QSplitter, QStyle, QStyleOptionButton,
    QStyleOptionGroupBox, QStyleOptionSlider, QTableView, QTabBar, QTabWidget, QTextEdit, QToolBar, QToolButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget,
)

from random_content import FILES, PLACES, MenuRow, Node  # noqa: E402
from random_scene import Drawn, Element, picture, visible, write_screens  # noqa: E402

_STYLES = {"Fusion": 6, "Breeze": 4, "Adwaita": 2, "Adwaita-Dark": 1, "Windows": 1.5, "plastique": 0.7, "cleanlooks": 0.7, "motif": 0.15}
_ICONS = ["breeze", "breeze", "Papirus", "Tango", "elementary-xfce", "Adwaita", "Numix"]
_FONTS = ["DejaVu Sans", "DejaVu Sans", "Liberation Sans", "Open Sans", "Roboto"]
_LATIN_FONTS = ["Cantarell", "Lato", "Liberation Serif"]


def _palette(rng: Random, dark: bool) -> QPalette:
    """A light or dark set of colours with a random accent."""
    ground, base = (rng.randint(28, 62), rng.randint(18, 46)) if dark else (rng.randint(212, 246), 255)
    tint = QColor.fromHsv(rng.randrange(360), rng.choice([0, 0, 12, 30]), ground)
    ink = QColor(*[235 if dark else rng.randint(0, 50)] * 3)
    palette = QPalette(tint.lighter(130) if dark else tint, tint)
    for role, colour in {
        QPalette.Window: tint, QPalette.Base: QColor(base, base, base), QPalette.AlternateBase: QColor(*[base + (8 if dark else -8)] * 3), QPalette.WindowText: ink, QPalette.Text: ink,
        QPalette.ButtonText: ink, QPalette.Highlight: QColor.fromHsv(rng.randrange(360), rng.randint(90, 220), rng.randint(140, 220)), QPalette.HighlightedText: QColor("white"),
        QPalette.Link: QColor.fromHsv(rng.randrange(190, 250), 180, 240 if dark else 170),
    }.items():
        palette.setColor(role, colour)
    faded = QColor((ink.red() + tint.red()) // 2, (ink.green() + tint.green()) // 2, (ink.blue() + tint.blue()) // 2)
    for role in (QPalette.WindowText, QPalette.Text, QPalette.ButtonText):
        palette.setColor(QPalette.Disabled, role, faded)
    return palette


class QtWindows:
    """Builds windows of widgets; see random_scene.Toolkit. `items`: the widgets of a window that are listed; `turn`: decides between small varieties."""

    def __init__(self):
        self.app = QApplication([])
        self.app.setAttribute(Qt.AA_UseHighDpiPixmaps)
        QIcon.setThemeSearchPaths(["/usr/share/icons"])
        self.rng = Random(0)
        self.items: list[tuple[QWidget, str]] = []
        self.menus: list[tuple[QMenuBar, QMenu, QAction]] = []
        self.turn = 0

    def use(self, rng: Random, language: str) -> str:
        name = rng.choices(list(_STYLES), list(_STYLES.values()))[0]
        dark = name in ("Fusion", "Breeze", "Windows") and rng.random() < 0.3
        self.app.setStyle(name)
        if name.startswith("Adwaita"):
            self.app.setPalette(self.app.style().standardPalette())
        else:
            self.app.setPalette(_palette(rng, dark) if rng.random() < 0.6 or dark else self.app.style().standardPalette())
        self.app.setFont(QFont(rng.choice(_FONTS if language in ("ru", "el") else _FONTS + _LATIN_FONTS), rng.choice([8, 9, 9, 10, 10, 10, 11, 12, 14])))
        icons = rng.choice(_ICONS)
        shade = {"breeze": "breeze-dark", "Papirus": "Papirus-Dark", "elementary-xfce": "elementary-xfce-dark"}
        QIcon.setThemeName(shade.get(icons, icons) if dark or name == "Adwaita-Dark" else icons)
        self.app.setCursorFlashTime(0)
        return name + ("-dark" if dark else "")

    def glyph(self, name: str, size: int) -> Image.Image | None:
        image = QIcon.fromTheme(name).pixmap(size, size).toImage()
        if image.isNull():
            return None
        return _to_pil(image).resize((size, size))

    def render(self, node: Node, width: int, height: int, scale: float) -> Drawn:
        self.items, self.menus, self.turn = [], [], self.rng.randrange(1000)
        window = QWidget()
        layout = QVBoxLayout(window)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.build(node))
        window.resize(width, height)
        window.show()
        self.app.processEvents()
        popups = [p for bar, menu, title in self.menus for p in [self._open(window, bar, menu, title, scale)] if p]
        drawn = Drawn(_grab(window, scale), [e for widget, kind in self.items for e in self._elements(window, widget, kind, scale)], popups)
        for _, menu, _ in self.menus:
            menu.hide()
            menu.deleteLater()
        window.hide()
        window.deleteLater()
        self.app.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
        return drawn

    def _open(self, window: QWidget, bar: QMenuBar, menu: QMenu, title: QAction, scale: float):
        place = bar.actionGeometry(title)
        if place.isEmpty() or not bar.isVisible():
            return None
        at = bar.mapTo(window, place.bottomLeft() + QPoint(0, 1))
        bar.setActiveAction(title)
        menu.popup(window.mapToGlobal(at))
        rows = [a for a in menu.actions() if not a.isSeparator()]
        if len(rows) > 1:
            menu.setActiveAction(self.rng.choice(rows))
        self.app.processEvents()
        elements = [Element.of(_box(menu.actionGeometry(a), QPoint(0, 0), scale), "menu_item") for a in rows]
        return int(at.x() * scale), int(at.y() * scale), Drawn(_grab(menu, scale), elements)

    # ----- boxes
    def _elements(self, window: QWidget, widget: QWidget, kind: str, scale: float) -> list[Element]:
        if not widget.isVisible():
            return []
        origin, clip = widget.mapTo(window, QPoint(0, 0)), window.rect()
        around = widget
        while around is not None and around is not window:
            clip = clip.intersected(QRect(around.mapTo(window, QPoint(0, 0)), around.size()))
            around = around.parentWidget()
        area = _box(clip, QPoint(0, 0), scale)
        found = []
        for rect, label in getattr(self, f"_at_{kind}", lambda w: [(w.rect(), kind)])(widget):
            seen = visible(_box(rect, origin, scale), area) if not rect.isEmpty() else None
            if seen is not None:
                found.append(Element.of(seen, label.removeprefix("standing "), label.startswith("standing ")))
        return found

    def _at_check(self, w: QCheckBox, label: str = "checkbox"):
        option = QStyleOptionButton()
        option.initFrom(w)
        option.text = w.text()
        radio = label == "radio"
        mark = w.style().subElementRect(QStyle.SE_RadioButtonIndicator if radio else QStyle.SE_CheckBoxIndicator, option, w)
        rest = w.style().subElementRect(QStyle.SE_RadioButtonContents if radio else QStyle.SE_CheckBoxContents, option, w)
        return [(mark, label), (_line(w.fontMetrics(), w.text(), rest, Qt.AlignLeft | Qt.AlignVCenter), "text")]

    def _at_radio(self, w: QRadioButton):
        return self._at_check(w, "radio")

    def _at_text(self, w: QLabel, label: str = "text"):
        flags = int(w.alignment()) | (Qt.TextWordWrap if w.wordWrap() else 0)
        rect = w.fontMetrics().boundingRect(w.contentsRect(), flags, w.text())
        if not w.wordWrap():  # letters of heavy fonts reach beyond the box that is told
            rect.setWidth(max(rect.width(), w.fontMetrics().horizontalAdvance(w.text())))
            rect.moveLeft(min(rect.left(), w.contentsRect().left() + w.margin()) if w.alignment() & Qt.AlignLeft else rect.left())
        return [(rect, label)]

    def _at_heading(self, w: QLabel):
        return self._at_text(w, "heading")

    def _at_link(self, w: QLabel):
        return [(_line(w.fontMetrics(), w.property("plain"), w.contentsRect(), Qt.AlignLeft | Qt.AlignVCenter), "link")]

    def _at_image(self, w: QLabel):
        size = w.pixmap().size()
        rect = QRect(QPoint(0, 0), size)
        rect.moveCenter(w.rect().center())
        return [(rect, w.property("label"))]

    def _at_slider(self, w: QSlider):
        option = QStyleOptionSlider()
        option.initFrom(w)
        option.orientation, option.minimum, option.maximum, option.sliderPosition, option.sliderValue = Qt.Horizontal, w.minimum(), w.maximum(), w.value(), w.value()
        option.subControls = QStyle.SC_SliderGroove | QStyle.SC_SliderHandle
        option.state |= QStyle.State_Horizontal
        groove = w.style().subControlRect(QStyle.CC_Slider, option, QStyle.SC_SliderGroove, w)
        handle = w.style().subControlRect(QStyle.CC_Slider, option, QStyle.SC_SliderHandle, w)
        return [(QRect(groove.left(), handle.top(), groove.width(), handle.height()), "slider")]

    def _at_tabs(self, w: QTabBar):
        found = []
        for i in range(w.count()):
            rect = w.tabRect(i)
            found.append((rect, "tab"))
            for side in (QTabBar.LeftSide, QTabBar.RightSide):
                button = w.tabButton(i, side)
                if button is not None and button.isVisible():
                    found.append((button.geometry(), "icon"))
        return [(r, label) for r, label in found] + [(b.geometry(), "icon") for b in w.findChildren(QToolButton) if b.isVisible()]

    def _at_menubar(self, w: QMenuBar):
        return [(w.actionGeometry(a), "menu_item") for a in w.actions()]

    def _at_group(self, w: QGroupBox):
        option = QStyleOptionGroupBox()
        option.initFrom(w)
        option.text, option.lineWidth, option.textAlignment = w.title(), 1, w.alignment()
        option.subControls = QStyle.SC_GroupBoxFrame | QStyle.SC_GroupBoxLabel | (QStyle.SC_GroupBoxCheckBox if w.isCheckable() else QStyle.SC_None)
        text = w.style().subControlRect(QStyle.CC_GroupBox, option, QStyle.SC_GroupBoxLabel, w)
        found = [(_line(w.fontMetrics(), w.title(), text, Qt.AlignCenter), "heading" if w.font().bold() else "text")]
        if w.isCheckable():
            found.append((w.style().subControlRect(QStyle.CC_GroupBox, option, QStyle.SC_GroupBoxCheckBox, w), "checkbox"))
        return found

    def _at_list(self, w: QTreeWidget):
        view = w.viewport().geometry()
        found, item = [], w.topLevelItem(0)
        while item is not None:
            rect = w.visualItemRect(item)
            row = QRect(0, rect.top(), view.width(), rect.height()).translated(view.topLeft())
            if rect.top() > view.height():
                break
            seen = row.intersected(view)
            if rect.height() and 2 * seen.height() >= row.height():
                found.append((seen, "list_item"))
            item = w.itemBelow(item)
        head = w.header()
        if not head.isHidden():
            at = head.geometry()
            for i in range(head.count()):
                rect = QRect(head.sectionViewportPosition(i), 0, head.sectionSize(i), head.height()).translated(at.topLeft())
                seen = rect.intersected(at)
                if 2 * seen.width() >= rect.width():
                    found.append((seen, "button"))
        return found

    def _at_items(self, w: QListWidget):
        view = w.viewport().geometry()
        found = []
        for i in range(w.count()):
            rect = w.visualItemRect(w.item(i))
            if w.viewMode() == QListView.ListMode:
                rect = QRect(0, rect.top(), view.width(), rect.height())
            rect = rect.translated(view.topLeft())
            seen = rect.intersected(view)
            if 2 * seen.height() * seen.width() >= rect.height() * rect.width():
                found.append((seen, "list_item"))
        return found

    def _at_calendar(self, w: QCalendarWidget):
        table = w.findChild(QTableView)
        view = table.viewport()
        found = []
        for row in range(table.model().rowCount()):
            for column in range(table.model().columnCount()):
                index = table.model().index(row, column)
                rect = table.visualRect(index).translated(view.mapTo(w, QPoint(0, 0)))
                if rect.isEmpty():
                    continue
                if row == 0 or table.model().columnCount() == 8 and column == 0:
                    text = str(index.data() or "")
                    found.append((_line(table.fontMetrics(), text, rect, Qt.AlignCenter), "text"))
                else:
                    found.append((rect, "button"))
        for button in w.findChildren(QToolButton):
            if button.isVisible():
                found.append((QRect(button.mapTo(w, QPoint(0, 0)), button.size()), "button" if button.text() and button.icon().isNull() else "icon"))
        return found

    # ----- widgets
    def build(self, node: Node) -> QWidget:
        widget = getattr(self, f"_make_{node.kind}")(node)
        if not node.enabled:
            widget.setEnabled(False)
        return widget

    def _kept(self, widget: QWidget, kind: str) -> QWidget:
        self.items.append((widget, kind))
        return widget

    def _fill(self, node: Node, layout) -> QWidget:
        holder = QWidget()
        layout.setContentsMargins(*[node.pad] * 4)
        layout.setSpacing(node.gap)
        for child in node.children:
            if child.kind == "spacer":
                layout.addStretch(1 if child.grow else 0)
            else:
                layout.addWidget(self.build(child), 1 if child.grow else 0)
        holder.setLayout(layout)
        return holder

    def _make_column(self, node: Node) -> QWidget:
        return self._fill(node, QVBoxLayout())

    def _make_row(self, node: Node) -> QWidget:
        return self._fill(node, QHBoxLayout())

    def _make_grid(self, node: Node) -> QWidget:
        holder = QWidget()
        layout = QGridLayout(holder)
        layout.setSpacing(node.gap)
        layout.setContentsMargins(0, 0, 0, 0)
        for i, child in enumerate(node.children):
            layout.addWidget(self.build(child), i // node.count, i % node.count)
        return holder

    def _make_form(self, node: Node) -> QWidget:
        holder = QWidget()
        layout = QFormLayout(holder)
        layout.setContentsMargins(*[node.pad] * 4)
        layout.setVerticalSpacing(node.gap)
        layout.setLabelAlignment(Qt.AlignRight if node.form == "right" else Qt.AlignLeft)
        for child in node.children:
            if child.kind == "pair":
                field = self.build(child.children[1])
                caption = self.build(child.children[0])
                layout.addRow(caption, field)
            else:
                layout.addRow("", self.build(child))
        return holder

    def _make_split(self, node: Node, way=Qt.Horizontal) -> QWidget:
        split = QSplitter(way)
        for child in node.children:
            split.addWidget(self.build(child))
        split.setSizes([int(1000 * node.value), int(1000 * (1 - node.value))])
        return split

    def _make_vsplit(self, node: Node) -> QWidget:
        return self._make_split(node, Qt.Vertical)

    def _make_scroll(self, node: Node) -> QWidget:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(self.rng.choice([QFrame.NoFrame, QFrame.StyledPanel]))
        area.setWidget(self.build(node.children[0]))
        return area

    def _make_group(self, node: Node) -> QWidget:
        body = self.build(node.children[0])
        if node.form != "frame":
            holder = QWidget()
            layout = QVBoxLayout(holder)
            layout.setContentsMargins(0, 0, 0, 0)
            layout.addWidget(self._make_heading(Node("heading", node.text, form="bold" if node.form == "bold" else "large")))
            layout.addWidget(body)
            body.setContentsMargins(14, 0, 0, 0)
            return holder
        group = QGroupBox(node.text)
        group.setCheckable(node.on)
        layout = QVBoxLayout(group)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(body)
        group.setFlat(self.turn % 5 == 0)
        return self._kept(group, "group")

    def _make_tabs(self, node: Node) -> QWidget:
        tabs = QTabWidget()
        for page in node.children:
            body = self.build(page)
            tabs.addTab(body, _icon(page.glyph) if page.glyph else QIcon(), page.form)
        tabs.setTabsClosable(node.children[0].on)
        tabs.setDocumentMode(self.turn % 3 == 0)
        tabs.setTabPosition({"top": QTabWidget.North, "bottom": QTabWidget.South, "left": QTabWidget.West}[node.form])
        tabs.setCurrentIndex(node.count)
        self._kept(tabs.tabBar(), "tabs")
        return tabs

    def _make_menubar(self, node: Node) -> QWidget:
        bar = QMenuBar()
        for title in node.children:
            bar.addAction(title.text)
        bar.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Fixed)
        if node.on:
            menu = QMenu(bar)
            for row in node.rows:
                self._menu_row(menu, row)
            self.menus.append((bar, menu, bar.actions()[node.count]))
        return self._kept(bar, "menubar")

    @staticmethod
    def _menu_row(menu: QMenu, row: MenuRow) -> None:
        if not row.text:
            menu.addSeparator()
            return
        if row.opens:
            action = menu.addMenu(row.text).menuAction()
        else:
            action = menu.addAction(f"{row.text}\t{row.shortcut}" if row.shortcut else row.text)
        if row.glyph:
            action.setIcon(_icon(row.glyph))
            action.setIconVisibleInMenu(True)
        if row.mark:
            action.setCheckable(True)
            action.setChecked(row.on)
        action.setEnabled(row.enabled)

    def _make_toolbar(self, node: Node) -> QWidget:
        bar = QToolBar()
        form = {"icons": Qt.ToolButtonIconOnly, "beside": Qt.ToolButtonTextBesideIcon, "below": Qt.ToolButtonTextUnderIcon, "text": Qt.ToolButtonTextOnly}[node.form]
        bar.setToolButtonStyle(form)
        bar.setIconSize(QSize(node.height, node.height))
        for part in node.children:
            if part.kind == "gap":
                bar.addSeparator()
            elif part.kind != "tool":
                bar.addWidget(self.build(part))
            else:
                icon = _icon(part.glyph)
                action = bar.addAction(icon, part.text)
                action.setEnabled(part.enabled)
                action.setCheckable(part.on)
                action.setChecked(part.on)
                self._kept(bar.widgetForAction(action), "icon" if node.form == "icons" else "button")
        for button in bar.findChildren(QToolButton, "qt_toolbar_ext_button"):
            self._kept(button, "icon")
        return bar

    def _make_header(self, node: Node) -> QWidget:
        bar = QWidget()
        bar.setAutoFillBackground(True)
        bar.setBackgroundRole(self.rng.choice([QPalette.Window, QPalette.Midlight, QPalette.Button]))
        layout = QHBoxLayout(bar)
        layout.setContentsMargins(6, 3, 6, 3)
        layout.setSpacing(4)
        for child in node.children:
            layout.addWidget(self.build(child))
        layout.addStretch(1)
        layout.addWidget(self._make_heading(Node("heading", node.text, form="bold")))
        layout.addStretch(1)
        for child in node.rows:
            layout.addWidget(self.build(child))
        return bar

    def _make_windowbutton(self, node: Node) -> QWidget:
        return self._make_icon(Node("icon", glyph=node.glyph, form="flat"))

    def _make_button(self, node: Node) -> QWidget:
        button = QPushButton(node.text)
        if node.glyph:
            button.setIcon(_icon(node.glyph))
        button.setMinimumSize(node.width, node.height)
        return self._kept(button, "button")

    def _make_key(self, node: Node) -> QWidget:
        button = QPushButton(node.text)
        button.setMinimumWidth(28)
        button.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        return self._kept(button, "button")

    def _make_icon(self, node: Node) -> QWidget:
        icon = _icon(node.glyph)
        if node.form == "flat":
            button = QToolButton()
            button.setAutoRaise(True)
        else:
            button = QPushButton() if self.turn % 2 else QToolButton()
            button.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)
        button.setIcon(icon)
        return self._kept(button, "icon")

    def _make_label(self, node: Node) -> QWidget:
        label = QLabel(node.text)
        label.setWordWrap(node.form == "wrap")
        if node.form == "wrap":
            label.setMinimumWidth(180)
        return self._kept(label, "text")

    def _make_heading(self, node: Node) -> QWidget:
        label = QLabel(node.text)
        font = QFont(self.app.font())
        font.setBold(node.form == "bold" or self.turn % 2 == 0)
        if node.form == "large":
            font.setPointSizeF(font.pointSizeF() * 1.4)
        label.setFont(font)
        if node.pad:
            label.setMargin(node.pad)
        return self._kept(label, "heading")

    def _make_link(self, node: Node) -> QWidget:
        label = QLabel(f'<a href="x">{node.text}</a>')
        label.setProperty("plain", node.text)
        return self._kept(label, "link")

    def _make_entry(self, node: Node) -> QWidget:
        field = QLineEdit(node.text)
        field.setMinimumWidth(node.width)
        if not node.text and self.turn % 2:
            field.setPlaceholderText(node.form or "…")
        return self._kept(field, "input")

    def _make_display(self, node: Node) -> QWidget:
        field = QLineEdit(node.text)
        field.setAlignment(Qt.AlignRight)
        font = QFont(self.app.font())
        font.setPointSize(self.rng.choice([14, 18, 24]))
        field.setFont(font)
        field.setMinimumHeight(node.height)
        return self._kept(field, "input")

    def _make_search(self, node: Node) -> QWidget:
        field = self._make_entry(node)
        field.setClearButtonEnabled(bool(node.text))
        field.setPlaceholderText("Search…")
        if self.turn % 2:
            field.addAction(_icon("edit-find"), QLineEdit.LeadingPosition)
        return field

    def _make_password(self, node: Node) -> QWidget:
        field = self._make_entry(node)
        field.setEchoMode(QLineEdit.Password)
        return field

    def _make_spin(self, node: Node) -> QWidget:
        field = QSpinBox()
        field.setMaximum(node.count)
        field.setValue(int(node.value * node.count))
        if self.turn % 4 == 0:
            field.setSuffix(self.rng.choice([" px", " %", " s", " pt"]))
        return self._kept(field, "input")

    def _make_combo(self, node: Node) -> QWidget:
        box = QComboBox()
        box.addItems(node.rows)
        box.setMinimumWidth(node.width)
        return self._kept(box, "select")

    def _make_comboedit(self, node: Node) -> QWidget:
        box = self._make_combo(node)
        box.setEditable(True)
        return box

    def _make_check(self, node: Node) -> QWidget:
        box = QCheckBox(node.text)
        if node.on and self.rng.random() < 0.1:
            box.setTristate(True)
            box.setCheckState(Qt.PartiallyChecked)
        else:
            box.setChecked(node.on)
        return self._kept(box, "check")

    def _make_switch(self, node: Node) -> QWidget:
        """Qt 5 has no switch of its own: a check box without caption."""
        return self._make_check(Node("check", on=node.on))

    def _make_radio(self, node: Node) -> QWidget:
        box = QRadioButton(node.text)
        box.setAutoExclusive(False)
        box.setChecked(node.on)
        return self._kept(box, "radio")

    def _make_slider(self, node: Node) -> QWidget:
        slider = QSlider(Qt.Horizontal)
        slider.setMaximum(1000)
        slider.setValue(int(1000 * node.value))
        slider.setMinimumWidth(node.width or 60)
        return self._kept(slider, "slider")

    def _make_editor(self, node: Node) -> QWidget:
        field = QPlainTextEdit(node.text) if node.form != "plain" else QTextEdit(node.text.replace("\n", "<br>"))
        if node.form != "plain":
            field.setFont(QFont(self.rng.choice(["DejaVu Sans Mono", "Liberation Mono"]), self.app.font().pointSize()))
            field.setLineWrapMode(QPlainTextEdit.NoWrap)
        if node.form == "terminal":
            palette = field.palette()
            palette.setColor(QPalette.Base, QColor(self.rng.randint(0, 40), self.rng.randint(0, 40), self.rng.randint(0, 50)))
            palette.setColor(QPalette.Text, QColor.fromHsv(self.rng.randrange(360), self.rng.choice([0, 120]), 220))
            field.setPalette(palette)
        if node.form == "numbers":
            field.setPlainText("\n".join(f"{i + 1:4d}  {line}" for i, line in enumerate(node.text.split("\n"))))
        field.setMinimumSize(node.width, node.height)
        return self._kept(field, "input")

    def _make_list(self, node: Node) -> QWidget:
        view = QTreeWidget()
        view.setColumnCount(len(node.columns))
        view.setHeaderLabels(node.columns)
        view.setHeaderHidden(not node.on)
        view.setRootIsDecorated(node.form == "tree")
        view.setAlternatingRowColors(self.turn % 3 == 0)
        glyphs = {"files": FILES, "places": PLACES}.get(node.glyph, [])
        parent: QTreeWidget | QTreeWidgetItem = view
        for i, cells in enumerate(node.rows):
            if node.form == "tree" and i and self.rng.random() < 0.3:
                parent = self.rng.choice([view, *view.selectedItems(), view.topLevelItem(view.topLevelItemCount() - 1)])
            item = QTreeWidgetItem(parent, cells)
            if glyphs:
                item.setIcon(0, _icon(self.rng.choice(glyphs)))
        if node.form == "tree":
            for i in range(view.topLevelItemCount()):
                view.topLevelItem(i).setExpanded(self.rng.random() < 0.8)
        for i in range(len(node.columns)):
            view.resizeColumnToContents(i)
        view.setCurrentItem(view.topLevelItem(node.count % max(1, view.topLevelItemCount())))
        if node.value > 0.75:
            view.verticalScrollBar().setValue(int(view.verticalScrollBar().maximum() * (node.value - 0.75) * 4))
        view.setMinimumSize(node.width, node.height)
        return self._kept(view, "list")

    def _make_side(self, node: Node) -> QWidget:
        view = QListWidget()
        if node.form == "below":
            view.setViewMode(QListView.IconMode)
            view.setFlow(QListView.TopToBottom)
            view.setWrapping(False)
            view.setGridSize(QSize(node.width - 8, node.height + 34))
        view.setIconSize(QSize(node.height, node.height))
        for child in node.children:
            item = QListWidgetItem(child.text)
            if node.form != "plain":
                item.setIcon(_icon(child.glyph))
            view.addItem(item)
        view.setCurrentRow(node.count)
        view.setFixedWidth(node.width)
        return self._kept(view, "items")

    def _make_icons(self, node: Node) -> QWidget:
        view = QListWidget()
        view.setViewMode(QListView.IconMode)
        view.setResizeMode(QListView.Adjust)
        view.setIconSize(QSize(node.height, node.height))
        view.setSpacing(self.rng.choice([2, 6, 10]))
        for text, glyph in node.rows:
            view.addItem(QListWidgetItem(_icon(glyph), text))
        view.setCurrentRow(node.count)
        view.setMinimumSize(node.width, 80)
        return self._kept(view, "items")

    def _make_calendar(self, node: Node) -> QWidget:
        view = QCalendarWidget()
        view.setCurrentPage(int(node.value), node.count)
        view.setVerticalHeaderFormat(self.rng.choice([QCalendarWidget.NoVerticalHeader, QCalendarWidget.ISOWeekNumbers]))
        view.setGridVisible(self.rng.random() < 0.3)
        return self._kept(view, "calendar")

    def _make_image(self, node: Node) -> QWidget:
        label = QLabel()
        shot = picture(self.rng, node.width, node.height).convert("RGBA")
        label.setPixmap(QPixmap.fromImage(QImage(shot.tobytes(), shot.width, shot.height, QImage.Format_RGBA8888)))
        label.setProperty("label", "image")
        label.setAlignment(Qt.AlignCenter)
        return self._kept(label, "image")

    def _make_sign(self, node: Node) -> QWidget:
        label = QLabel()
        label.setPixmap(_icon(node.glyph).pixmap(node.height, node.height))
        label.setProperty("label", "standing icon")
        label.setAlignment(Qt.AlignCenter)
        return self._kept(label, "image")

    def _make_spacer(self, node: Node) -> QWidget:
        return QWidget()


def _icon(name: str) -> QIcon:
    return QIcon.fromTheme(name, QIcon.fromTheme("text-x-generic"))


def _line(metrics: QFontMetrics, text: str, area: QRect, alignment) -> QRect:
    """Where a line of text lies in its area."""
    return metrics.boundingRect(area, int(alignment) | Qt.TextSingleLine, text) if text else QRect()


def _box(rect: QRect, origin: QPoint, scale: float) -> tuple[float, float, float, float]:
    x, y = rect.x() + origin.x(), rect.y() + origin.y()
    return x * scale, y * scale, (x + rect.width()) * scale, (y + rect.height()) * scale


def _to_pil(image: QImage) -> Image.Image:
    image = image.convertToFormat(QImage.Format_RGBA8888)
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    return Image.frombuffer("RGBA", (image.width(), image.height()), bytes(bits), "raw", "RGBA", image.bytesPerLine(), 1)


def _grab(widget: QWidget, scale: float) -> Image.Image:
    image = QImage(int(widget.width() * scale), int(widget.height() * scale), QImage.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(widget.palette().color(QPalette.Window))
    painter = QPainter(image)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return _to_pil(image).convert("RGB")


if __name__ == "__main__":
    write_screens(QtWindows(), "qt5")
