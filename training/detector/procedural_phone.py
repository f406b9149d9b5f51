"""Screens of telephones and tablets held upright: a status line, an app bar, a body and a bar or keyboard below."""

from procedural_programs import cards, chat, document, form, login, month, player, settings_grid
from procedural_widgets import Ui, hsv, mix, readable

_KEYS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]


def _list(ui: Ui, box):
    """Rows with a picture or glyph, a title and a smaller line, perhaps with a control."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    h = max(t.row, t.font.height + t.small.height + t.px(14))
    y, lead, end = y1, r.choice(["none", "sign", "emblem"]), r.choice(["none", "toggle", "check", "dots", "time"])
    while y + h <= y2:
        if ui.chance(0.08):
            y = ui.heading(x1 + t.px(16), y + t.px(8), ui.w.noun(), t.bold, t.accent if ui.chance(0.5) else None, x2 - x1 - t.px(32))[3] + t.px(6)
            continue
        row = (x1, y, x2, y + h)
        ui.s.add("list_item", row)
        if t.stroke > 2:
            ui.s.line(x1, y + h - 1, x2 - 1, y + h - 1, t.line)
        x, cy = x1 + t.px(16), y + h / 2
        if lead == "sign":
            ui.sign(x + t.px(12), cy, t.px(24))
            x += t.px(40)
        elif lead == "emblem":
            ui.emblem(x + t.px(18), cy, min(h - 6, t.px(38)), r.choice(["program", "picture"]))
            x += t.px(52)
        room = x2 - x - t.px(80)
        two = h > t.font.height + t.small.height + t.px(8) and ui.chance(0.8)
        top = int(cy - (t.font.height + (t.small.height if two else 0)) / 2)
        ui.s.write(x, top, t.font.fit(ui.w.caption(), room), t.font, t.fg)
        if two:
            ui.s.write(x, top + t.font.height, t.small.fit(ui.w.sentence(3, 9), room), t.small, t.dim)
        if end == "toggle" and ui.chance(0.7):
            ui.toggle(x2 - t.px(64), cy)
        elif end == "check":
            ui.check(x2 - t.px(42), cy)
        elif end == "dots":
            size = min(h - 4, t.px(36))
            ui.icon_button(x2 - t.px(8) - size, cy - size / 2, size, "dots", False)
        elif end == "time":
            ui.s.write(x2 - t.px(60), top, ui.w.amount()[:6], t.small, t.dim)
        y += h


def _home(ui, box):
    """The starter with its icons and captions."""
    t, (x1, y1, x2, y2) = ui.t, box
    columns, size = ui.r.choice([4, 5]), t.px(46)
    cell, fill = (x2 - x1) // columns, ui.r.choice([(255, 255, 255), (20, 20, 20)])
    ui.s.picture(box, ui.r.randrange(32))
    y = y1 + t.px(20)
    if ui.chance(0.6):
        ui.input(x1 + t.px(16), y, x2 - x1 - t.px(32), ui.w.act(), "search")
        y += t.control + t.px(20)
    while y + size + t.px(40) < y2 and not ui.chance(0.06):
        for c in range(columns):
            if ui.chance(0.9):
                ui.icon_entry(x1 + c * cell, y, cell, size, "program", False, fill)
        y += size + 2 * t.font.height + t.px(16)


def _dialer(ui, box):
    t, (x1, y1, x2, y2) = ui.t, box
    size = min((x2 - x1) // 4, (y2 - y1) // 7)
    if size < t.size + 6:
        return
    number = f"+{ui.r.randint(10, 99)} {ui.r.randint(100, 999)} {ui.r.randint(1000, 99999)}"
    number = t.title.fit(number, x2 - x1 - 20)
    ui.heading((x1 + x2 - t.title.width(number)) // 2, y1 + size // 2, number)
    left, top = (x1 + x2 - size * 3 - t.px(24)) // 2, y1 + int(size * 1.4)
    for i, key in enumerate("123456789*0#"):
        ui.button(left + (i % 3) * (size + t.px(12)), top + (i // 3) * (size + t.px(8)), key, size, size, font=t.title)
    ui.icon_button((x1 + x2 - size) // 2, top + 4 * (size + t.px(8)), size, "check", True)


def _cards(ui, box):
    """Pictures with a title, a few lines and buttons or links."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    y, pad = y1 + t.px(10), t.px(12)
    while y < y2 - t.px(180):
        h = t.px(r.randint(70, 180))
        ui.picture((x1 + pad, y, x2 - pad, y + h))
        y = ui.heading(x1 + pad, y + h + t.px(6), ui.w.sentence(2, 5).rstrip("."), room=x2 - x1 - 2 * pad)[3] + t.px(3)
        y = ui.paragraph(x1 + pad, y, x2 - x1 - 2 * pad, 2, None, t.dim)[3] + t.px(6)
        x = x1 + pad
        for _ in range(r.randint(0, 3)):
            if x < x2 - t.px(110):
                x = ui.icon_button(x, y, t.px(32), None, False)[2] + t.px(8) if ui.chance(0.5) else ui.button(x, y, h=t.px(32), flat=ui.chance(0.5))[2] + t.px(8)
        y += t.px(44)


def _keyboard(ui, box):
    t, (x1, y1, x2, y2) = ui.t, box
    back = mix(t.bg, t.fg, 0.12)
    ui.s.rect(box, back)
    h, w = (y2 - y1) / 4, (x2 - x1) / 10
    for i, keys in enumerate(_KEYS):
        left = x1 + (10 - len(keys)) * w / 2
        for j, key in enumerate(keys):
            ui.button(int(left + j * w) + 2, int(y1 + i * h) + 3, key, int(w) - 4, int(h) - 6)
    low = int(y1 + 2 * h) + 3
    ui.icon_button(x1 + 2, low, int(h) - 6, "upward", True, w=int(1.5 * w) - 4)
    ui.icon_button(int(x2 - 1.5 * w) + 2, low, int(h) - 6, "back", True, w=int(1.5 * w) - 4)
    low = int(y1 + 3 * h) + 3
    ui.button(x1 + 2, low, "?123", int(1.5 * w) - 4, int(h) - 6)
    ui.button(int(x1 + 2.5 * w), low, ui.w.language.upper(), int(5 * w), int(h) - 6)
    ui.icon_button(int(x2 - 1.5 * w) + 2, low, int(h) - 6, "check", True, w=int(1.5 * w) - 4)


def phone(ui: Ui):
    """Fills the whole screen."""
    t, r, s = ui.t, ui.r, ui.s
    x1, y1, x2, y2 = 0, 0, s.width, s.height
    s.rect((x1, y1, x2, y2), t.bg)
    if ui.chance(0.8):
        h = t.small.height + t.px(8)
        s.rect((0, 0, x2, h), t.head)
        ui.text(t.px(12), t.px(4), f"{r.randint(0, 23)}:{r.randint(0, 59):02d}", t.small, t.head_fg)
        x = x2 - t.px(12)
        for name in ["battery", "wifi", "bell"][: r.randint(1, 3)]:
            ui.standing(x - t.px(8), h / 2, t.px(14), name, t.head_fg)
            x -= t.px(22)
        y1 = h
    if ui.chance(0.3):
        h = t.px(30)
        s.rect((0, y2 - h, x2, y2), mix(t.bg, (0, 0, 0), 0.1))
        for i, name in enumerate(("tri_left", "ring", "stop")):
            w = x2 // 3
            s.glyph(name, i * w + w / 2, y2 - h / 2, t.px(14), t.dim, 2)
            s.add("icon", (i * w, y2 - h, (i + 1) * w, y2))
        y2 -= h
    if ui.chance(0.12):
        _home(ui, (x1, y1, x2, y2))
        return
    if ui.chance(0.9):
        h = max(t.control, t.px(r.choice([44, 52, 56])))
        s.rect((0, y1, x2, y1 + h), t.head)
        x, size = t.px(4), h - t.px(8)
        if ui.chance(0.8):
            x = ui.icon_button(x, y1 + t.px(4), size, r.choice(["menu", "back", "left", "cross"]), False, t.head_fg)[2]
        right = x2 - t.px(4)
        for _ in range(r.randint(0, 3)):
            right -= size
            ui.icon_button(right, y1 + t.px(4), size, None, False, t.head_fg)
        if ui.chance(0.15):
            ui.input(x + t.px(6), y1 + (h - t.control) // 2, max(t.px(60), right - x - t.px(12)), ui.w.act(), "search")
        else:
            ui.heading(x + t.px(12), y1 + (h - t.title.height) // 2, ui.w.noun(), t.title, t.head_fg, right - x - t.px(16))
        y1 += h
        if ui.chance(0.25):
            n, h = r.randint(2, 4), t.control + t.px(8)
            s.rect((0, y1, x2, y1 + h), t.bg)
            ui.tabs((0, y1, x2, y1 + h), [ui.w.noun() for _ in range(n)], width=x2 // n)
            y1 += h
    if ui.chance(0.35):
        h, n = t.px(r.choice([50, 56, 62])), r.randint(3, 5)
        s.rect((0, y2 - h, x2, y2), t.base)
        s.line(0, y2 - h, x2, y2 - h, t.line)
        chosen, captions = r.randrange(n), ui.chance(0.7)
        for i in range(n):
            w = x2 // n
            cell, colour = (i * w, y2 - h, (i + 1) * w, y2), t.accent if i == chosen else t.dim
            ui.sign(i * w + w / 2, y2 - h * (0.64 if captions else 0.5), t.px(24), None, colour)
            if captions:
                ui.middle((cell[0], y2 - int(h * 0.42), cell[2], y2), ui.w.noun(), t.small, colour, pad=2)
            s.add("tab" if captions else "icon", cell)
        y2 -= h
    elif ui.chance(0.18):
        h = min(t.px(200), (y2 - y1) // 2)
        _keyboard(ui, (0, y2 - h, x2, y2))
        y2 -= h
    pad = t.px(14)
    body = r.choices(["list", "cards", "form", "chat", "document", "settings", "login", "dialer", "player", "month", "grid"], [28, 16, 14, 10, 7, 14, 6, 5, 4, 3, 3])[0]
    if body == "list":
        _list(ui, (x1, y1, x2, y2))
    elif body == "cards":
        _cards(ui, (x1, y1, x2, y2))
    elif body == "form":
        form(ui, (x1 + pad, y1 + pad, x2 - pad, y2 - 4))
    elif body == "settings":
        cards(ui, (x1 + pad, y1 + pad, x2 - pad, y2 - 4))
    elif body == "dialer":
        _dialer(ui, (x1, y1, x2, y2))
    else:
        {"chat": chat, "document": document, "login": login, "player": player, "month": month, "grid": settings_grid}[body](ui, (x1, y1, x2, y2))
    if ui.chance(0.2) and body in ("list", "cards", "settings"):
        size = t.px(54)
        box = (x2 - size - t.px(16), y2 - size - t.px(16), x2 - t.px(16), y2 - t.px(16))
        s.cover(box)
        colour = t.accent if ui.chance(0.8) else hsv(r.random(), 0.6, 0.8)
        s.rounded(box, r.choice([size // 2, size // 4]), colour)
        s.glyph(r.choice(["plus", "pen", "chat"]), (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, t.px(24), readable(colour), 2.2)
        s.add("icon", box)
