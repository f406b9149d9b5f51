"""The programs of the procedural screens: each function fills a window's inside (box in px) with what such a program shows."""

from procedural_canvas import TOOL_GLYPHS
from procedural_widgets import Ui, hsv, mix, readable, t_row


def frame(ui: Ui, box, menu=0.6, tools=0.75, status=0.6):
    """Menu bar, tool bars and status bar with the given likelihoods; returns what is left of the box."""
    t, (x1, y1, x2, y2) = ui.t, box
    if ui.chance(menu):
        h = max(t.size + 6, t.px(ui.r.choice([20, 22, 24, 28])))
        ui.menubar((x1 + t.px(ui.r.choice([0, 2, 6])), y1, x2, y1 + h), ui.menus_open)
        ui.menus_open = False
        y1 += h
    if ui.chance(tools):
        for _ in range(1 if ui.chance(0.8) else 2):
            h = t.tool + t.px(ui.r.choice([4, 6, 8, 12])) if ui.chance(0.85) else t.icon + t.small.height + t.px(ui.r.choice([10, 14]))
            ui.toolbar((x1, y1, x2, y1 + h))
            y1 += h
        if ui.chance(0.6):
            ui.s.line(x1, y1 - 1, x2 - 1, y1 - 1, t.line)
    if ui.chance(status):
        h = t.small.height + t.px(ui.r.choice([4, 6, 10]))
        ui.statusbar((x1, y2 - h, x2, y2))
        y2 -= h
    return x1, y1, x2, max(y1 + 1, y2)


def editor_area(ui, box, code=None):
    """A text area with lines of text in it: one input."""
    t, s, (x1, y1, x2, y2) = ui.t, ui.s, box
    s.rect(box, t.base)
    code = ui.chance(0.6) if code is None else code
    font = t.mono if code else t.font
    step, y = round(font.height * 1.15), y1 + t.px(4)
    gutter = font.width("000") + t.px(8) if code and ui.chance(0.7) else 0
    if gutter:
        s.rect((x1, y1, x1 + gutter, y2), mix(t.base, t.fg, 0.05))
    colours = [t.fg] + [mix(hsv(ui.r.random(), 0.8, 0.6 if not t.dark else 0.95), t.fg, 0.2) for _ in range(3)]
    number, stop = 1, ui.r.uniform(0.1, 1.2)
    while y + step < y2 and y - y1 < (y2 - y1) * stop:
        if gutter:
            s.write(x1 + t.px(3), y, f"{number:3d}", font, t.dim)
        if ui.chance(0.85):
            text = ui.w.code() if code else ui.w.sentence(6, 22)
            s.write(x1 + gutter + t.px(6), y, font.fit(text, x2 - x1 - gutter - t.px(20)), font, ui.r.choice(colours) if code else t.fg)
        y += step
        number += 1
    if ui.chance(0.6):
        ui.scrollbar((x2 - t.px(12), y1, x2, y2))
    s.add("input", box)


def text_editor(ui, box):
    x1, y1, x2, y2 = frame(ui, box, 0.8, 0.7, 0.8)
    t = ui.t
    if ui.chance(0.4):
        w = min(t.px(ui.r.randint(140, 240)), (x2 - x1) // 3)
        ui.rows((x1, y1, x1 + w, y2), "files", tree=True)
        x1 += w + 1
    if ui.chance(0.6):
        h = t.control + t.px(2)
        ui.tabs((x1, y1, x2, y1 + h), [ui.w.file() for _ in range(ui.r.randint(1, 6))], ui.chance(0.7))
        y1 += h
    if ui.chance(0.25):
        h = t.control + t.px(8)
        x = ui.input(x1 + t.px(4), y2 - h + t.px(4), (x2 - x1) * 0.3, glyph="search")[2] + t.px(4)
        x = ui.icon_button(x, y2 - h + t.px(4), t.control, "up")[2] + 2
        x = ui.icon_button(x, y2 - h + t.px(4), t.control, "down")[2] + t.px(6)
        ui.choice(x, y2 - h + t.px(4), t.control, room=x2 - x - 20)
        y2 -= h
    editor_area(ui, (x1, y1, x2, y2))


def file_manager(ui, box):
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.5, 0.3, 0.7)
    h, y, x = t.tool + t.px(8), y1 + t.px(4), x1 + t.px(6)
    for name in ["back", "forward", "upward", "refresh", "home"][: r.randint(2, 5)]:
        x = ui.icon_button(x, y, t.tool, name)[2] + t.px(r.choice([0, 2]))
    right = x2 - t.px(6)
    for name in ["menu", "search", "list", "grid"][: r.randint(0, 4)]:
        right -= t.tool + t.px(2)
        ui.icon_button(right, y, t.tool, name)
    if right - x > t.px(160):
        if ui.chance(0.5):
            ui.input(x + t.px(6), y, right - x - t.px(12), "/home/" + "/".join(ui.w.folder().lower() for _ in range(3)), h=t.tool)
        else:
            x += t.px(6)
            for _ in range(r.randint(1, 4)):
                text = ui.w.folder()
                w = t.font.width(text) + t.px(18)
                if x + w > right:
                    break
                ui.button(x, y, text, w, t.tool, flat=ui.chance(0.5))
                x += w + t.px(1)
    y1 += h
    ui.s.line(x1, y1 - 1, x2 - 1, y1 - 1, t.line)
    if ui.chance(0.8) and x2 - x1 > t.px(380):
        w = t.px(r.randint(130, 220))
        (ui.rows((x1, y1, x1 + w, y2), "words", tree=True, full=0.5) if ui.chance(0.35) else ui.sidebar((x1, y1, x1 + w, y2), heads=ui.chance(0.5)))
        x1 += w
    ui.s.rect((x1, y1, x2, y2), t.base)
    if ui.chance(0.5):
        ui.icon_grid((x1, y1, x2, y2))
    else:
        ui.rows((x1, y1, x2, y2), "files", r.randint(1, 5), ui.chance(0.85), full=0.5)


def form(ui, box, dense=False):
    """Captions with controls beside or under them, in groups with headings."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    row, wide = t.control + t.gap, x2 - x1
    if wide < t.px(120):
        return
    column = int(wide * r.uniform(0.28, 0.45))
    y, right_set = y1, ui.chance(0.4)
    while y + row <= y2:
        roll = r.random()
        if roll < 0.14 or y == y1 and ui.chance(0.7):
            ui.heading(x1, y + (t.control - t.bold.height) // 2, ui.w.caption(), t.bold if ui.chance(0.7) else t.title, room=wide)
            y += row
            continue
        if roll < 0.3:
            indent = x1 + (column if ui.chance(0.3) else 0)
            for _ in range(r.randint(1, 3)):
                if y + t_row(t) > y2:
                    break
                ui.choice(indent, y, t_row(t), room=x2 - indent)
                y += t_row(t) + t.px(2)
            continue
        if roll < 0.4:
            on = r.randrange(3)
            for i in range(r.randint(2, 4)):
                if y + t_row(t) > y2:
                    break
                ui.choice(x1 + t.px(12), y, t_row(t), True, on=i == on, room=wide - t.px(12))
                y += t_row(t) + t.px(2)
            continue
        if roll < 0.46:
            block = ui.paragraph(x1, y, wide, 3, t.small, t.dim)
            y = block[3] + t.gap
            continue
        if roll < 0.56:
            ui.text(x1, y + (t.control - t.font.height) // 2, ui.w.caption(), room=wide - t.px(70))
            toggle_at = x2 - t.px(60)
            ui.toggle(toggle_at, y + t.control / 2)
            y += row
            continue
        caption = ui.w.caption() + r.choice([":", "", ":"])
        text = t.font.fit(caption, column - t.gap)
        left = x1 + column - t.gap - t.font.width(text) if right_set else x1
        ui.text(left, y + (t.control - t.font.height) // 2, text)
        x, w = x1 + column, int((wide - column) * r.choice([0.4, 0.6, 1, 1]))
        kind = r.random()
        if kind < 0.35:
            side = ui.chance(0.25)
            field = ui.input(x, y, w - (t.px(90) if side and w > t.px(200) else 0))
            if side and w > t.px(200):
                ui.button(field[2] + t.px(6), y, None, t.px(84))
        elif kind < 0.6:
            ui.combo(x, y, w)
        elif kind < 0.75:
            ui.spin(x, y, min(w, t.px(r.choice([70, 100, 140]))))
        elif kind < 0.9:
            ui.slider(x, y + t.control / 2, max(t.px(60), w))
        elif kind < 0.95:
            colour = hsv(r.random(), 0.8, 0.9)
            field = (x, y, x + t.px(46), y + t.control)
            ui.raised(field)
            ui.s.rect((x + 4, y + 4, field[2] - 4, field[3] - 4), colour)
            ui.s.add("icon", field)
        else:
            ui.button(x, y)
        y += row
        if dense and ui.chance(0.1):
            ui.s.line(x1, y - t.gap // 2, x2 - 1, y - t.gap // 2, t.line)


def preferences(ui, box):
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    pad = t.px(r.choice([12, 18, 24]))
    if ui.chance(0.65) and x2 - x1 > t.px(360):
        w = t.px(r.randint(130, 230))
        ui.sidebar((x1, y1, x1 + w, y2), ui.chance(0.75), ui.chance(0.2))
        x1 += w
    elif ui.chance(0.7):
        h = t.control + t.px(6)
        ui.tabs((x1 + t.px(4), y1 + t.px(4), x2 - t.px(4), y1 + t.px(4) + h))
        y1 += h + t.px(4)
    if ui.chance(0.6):
        y2 -= t.control + 2 * t.gap
        ui.button_row(x2 - t.gap, y2 + t.gap)
    if ui.chance(0.5):
        y1 += pad // 2
        y1 = ui.heading(x1 + pad, y1, ui.w.noun(), room=x2 - x1 - 2 * pad)[3]
    if ui.chance(0.35):
        cards(ui, (x1 + pad, y1 + pad // 2, x2 - pad, y2 - 4))
    elif x2 - x1 > t.px(760) and ui.chance(0.5):
        middle = (x1 + x2) // 2
        form(ui, (x1 + pad, y1 + pad // 2, middle - pad, y2))
        form(ui, (middle + pad, y1 + pad // 2, x2 - pad, y2))
    else:
        form(ui, (x1 + pad, y1 + pad // 2, min(x2 - pad, x1 + pad + t.px(r.choice([420, 560, 700, 2000]))), y2))


def cards(ui, box):
    """Groups of wide rows with a title, a smaller line and a control at the right, as newer settings programs have them."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    limit = t.px(r.choice([520, 640, 900]))
    if x2 - x1 > limit:
        x1, x2 = (x1 + x2 - limit) // 2, (x1 + x2 + limit) // 2
    y = y1
    while y < y2 - t.px(80):
        y = ui.heading(x1, y, ui.w.noun(), t.bold, room=x2 - x1)[3] + t.px(6)
        h = t.font.height + t.small.height + t.px(r.choice([10, 16, 22]))
        count = min(r.randint(1, 6), (y2 - y) // h)
        if count < 1:
            return
        ui.s.rounded((x1, y, x2, y + count * h), t.radius, t.base, t.line)
        clickable = ui.chance(0.4)
        for i in range(count):
            top = y + i * h
            if i:
                ui.s.line(x1 + 1, top, x2 - 2, top, t.line)
            if clickable:
                ui.s.add("list_item", (x1, top, x2, top + h))
            left = x1 + t.px(12)
            if ui.chance(0.4):
                if clickable:
                    ui.sign(left + t.icon / 2, top + h / 2, t.icon)
                else:
                    ui.standing(left + t.icon / 2, top + h / 2, t.icon)
                left += t.icon + t.px(10)
            room = x2 - left - t.px(190)
            two = ui.chance(0.6)
            ty = top + (h - t.font.height - (t.small.height if two else 0)) // 2
            write = (lambda a, b, text, font, fill: ui.s.write(a, b, font.fit(text, room), font, fill)) if clickable else (lambda a, b, text, font, fill: ui.text(a, b, text, font, fill, room=room))
            write(left, ty, ui.w.caption(), t.font, t.fg)
            if two:
                write(left, ty + t.font.height, ui.w.sentence(3, 8), t.small, t.dim)
            roll, cy = r.random(), top + h / 2
            if roll < 0.4:
                ui.toggle(x2 - t.px(64), cy)
            elif roll < 0.6 and clickable:
                ui.s.glyph("right", x2 - t.px(20), cy, t.icon, t.dim, t.stroke)
            elif roll < 0.8 and h > t.control:
                ui.combo(x2 - t.px(150), top + (h - t.control) // 2, t.px(138))
            elif h > t.control and not clickable:
                ui.button(x2 - t.px(100), top + (h - t.control) // 2, None, t.px(88))
        y += count * h + t.px(r.choice([10, 18]))


def calculator(ui, box):
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, frame(ui, box, 0.5, 0, 0)
    pad = t.px(6)
    h = max(t.control, int((y2 - y1) * 0.16))
    field = (x1 + pad, y1 + pad, x2 - pad, y1 + pad + h)
    ui.field(field)
    ui.middle(field, r.choice(["0", f"{r.random() * 1000:.4f}", str(r.randint(1, 10**8)), "12 + 7 × 3"]), t.huge if h > t.huge.height else t.font, None, "right", t.px(8))
    ui.s.add("input", field)
    y1 += h + 2 * pad
    keys = r.choice([["7 8 9 ÷", "4 5 6 ×", "1 2 3 −", "0 . = +"], ["C ( ) ÷", "7 8 9 ×", "4 5 6 −", "1 2 3 +", "0 . % ="],
                     ["sin cos tan π 7 8 9 ÷", "ln log x² √ 4 5 6 ×", "( ) xʸ n! 1 2 3 −", "MC MR M+ e 0 . = +"], ["MC MR MS M+", "% CE C ÷", "7 8 9 ×", "4 5 6 −", "1 2 3 +", "± 0 . ="]])
    gap = t.px(r.choice([1, 2, 4, 6]))
    top = (y2 - y1 - pad) / len(keys)
    for i, line in enumerate(keys):
        line = line.split()
        w = (x2 - x1 - 2 * pad + gap) / len(line)
        for j, key in enumerate(line):
            ui.button(int(x1 + pad + j * w), int(y1 + i * top), key, int(w - gap), max(10, int(top - gap)), main=key == "=" and ui.chance(0.6), font=t.title if top > t.title.height + 8 and ui.chance(0.9) else t.font)


def terminal(ui, box):
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.5, 0, 0)
    if ui.chance(0.3):
        ui.tabs((x1, y1, x2, y1 + t.control), [f"user@host: ~/{ui.w.folder().lower()}" for _ in range(r.randint(2, 4))], ui.chance(0.7))
        y1 += t.control
    back = r.choice([(0, 0, 0), (30, 30, 30), (48, 10, 36), (0, 43, 54), (253, 246, 227), (40, 42, 54), (255, 255, 255)])
    fg, prompt = mix(readable(back), back, 0.15), hsv(r.random(), 0.6, 0.8)
    ui.s.rect((x1, y1, x2, y2), back)
    y, step, stop = y1 + 3, t.mono.height, r.uniform(0.1, 1.3)
    while y + step < y2 and y - y1 < stop * (y2 - y1):
        if ui.chance(0.25):
            a = ui.s.write(x1 + 4, y, "user@host:~$ ", t.mono, prompt)[2]
            ui.s.write(a, y, t.mono.fit(r.choice(["ls -l", "cd " + ui.w.folder(), "make test", "git status", "cat " + ui.w.file()]), x2 - a), t.mono, fg)
        else:
            ui.s.write(x1 + 4, y, t.mono.fit(r.choice([f"-rw-r--r-- 1 user user {r.randint(10, 99999):6d} {ui.w.file()}", ui.w.sentence(4, 12), ui.w.code(), ""]), x2 - x1 - 8), t.mono, fg)
        y += step
    ui.s.add("input", (x1, y1, x2, y2))


def image_viewer(ui, box):
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.5, 0.8, 0.5)
    ui.s.rect((x1, y1, x2, y2), r.choice([t.base, (20, 20, 20), mix(t.bg, (0, 0, 0), 0.3)]))
    if ui.chance(0.4) and y2 - y1 > t.px(240):
        n, size = r.randint(3, 14), t.px(r.choice([48, 64, 80]))
        x = x1 + 4
        for _ in range(n):
            if x + size > x2:
                break
            ui.s.picture((x, y2 - size - 4, x + size, y2 - 4), r.randrange(32))
            ui.s.add("list_item", (x, y2 - size - 4, x + size, y2 - 4))
            x += size + t.px(6)
        y2 -= size + t.px(10)
    w, h = int((x2 - x1) * r.uniform(0.3, 1)), int((y2 - y1) * r.uniform(0.4, 1))
    a, b = (x1 + x2 - w) // 2, (y1 + y2 - h) // 2
    if h > 20:
        ui.picture((a, b, a + w, b + h))


def message(ui, box):
    """A question or warning with a glyph, text and buttons."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    pad = t.px(r.choice([12, 18, 24]))
    bottom = y2 - pad // 2 - t.control
    size, x = t.px(r.choice([32, 48])), x1 + pad
    if ui.chance(0.7):
        ui.standing(x + size / 2, y1 + pad + size / 2, size, r.choice(["info", "warning", "bell", "lock", "bin", "globe"]), hsv(r.choice([0.1, 0.6, 0]), 0.8, 0.85))
        x += size + pad
    y = y1 + pad
    if x2 - pad - x < t.px(60):
        return
    if ui.chance(0.7):
        y = ui.heading(x, y, ui.w.sentence(3, 7).rstrip("."), t.bold if ui.chance(0.6) else t.title, room=x2 - pad - x)[3] + t.px(6)
    room = max(1, (bottom - y - pad) // (t.font.height + 4))
    if bottom - y > t.font.height + 8:
        y = ui.paragraph(x, y, x2 - pad - x, min(6, room))[3] + t.px(8)
    if y + t_row(t) < bottom and ui.chance(0.4):
        ui.choice(x, y, t_row(t), room=x2 - x - pad)
        y += t_row(t) + 4
    if y + t.control < bottom - 6 and ui.chance(0.3):
        ui.input(x, y, x2 - pad - x)
    if t.look == "adwaita" and ui.chance(0.5):
        n = r.randint(1, 3)
        w = (x2 - x1) // n
        for i in range(n):
            ui.button(x1 + i * w, y2 - t.control - t.px(4), None, w if i < n - 1 else x2 - x1 - (n - 1) * w, t.control + t.px(4), flat=ui.chance(0.7))
    else:
        ui.button_row(x2 - pad, bottom)


def properties(ui, box):
    """A dialog with tabs and a form."""
    t, (x1, y1, x2, y2) = ui.t, box
    pad = t.px(10)
    bottom = y2 - t.control - pad
    ui.button_row(x2 - pad, bottom)
    h = t.control
    ui.tabs((x1 + pad, y1 + pad, x2 - pad, y1 + pad + h))
    panel = (x1 + pad, y1 + pad + h, x2 - pad, bottom - pad)
    if panel[3] - panel[1] > 20:
        ui.s.rect(panel, t.base if ui.chance(0.4) else None, t.line)
        form(ui, (panel[0] + pad, panel[1] + pad, panel[2] - pad, panel[3] - 4), True)


def file_dialog(ui, box):
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    pad = t.gap
    y = y1 + pad
    ui.text(x1 + pad, y + (t.control - t.font.height) // 2, ui.w.noun() + ":", room=t.px(90))
    ui.combo(x1 + t.px(100), y, max(t.px(80), (x2 - x1) * 0.4))
    x = x1 + t.px(108) + max(t.px(80), int((x2 - x1) * 0.4))
    for name in ("upward", "home", "folder", "list"):
        if x + t.control < x2:
            x = ui.icon_button(x, y, t.control, name)[2] + 2
    y += t.control + pad
    bottom = y2 - 2 * (t.control + pad)
    left = x1 + pad
    if x2 - x1 > t.px(420):
        w = t.px(r.randint(100, 160))
        ui.sidebar((left, y, left + w, bottom - pad), count=r.randint(3, 7))
        left += w + 2
    ui.rows((left, y, x2 - pad, bottom - pad), "files", r.randint(1, 4), ui.chance(0.7))
    for i in range(2):
        top = bottom + i * (t.control + pad)
        ui.text(x1 + pad, top + (t.control - t.font.height) // 2, ui.w.noun() + ":", room=t.px(90))
        (ui.input if i == 0 else ui.combo)(x1 + t.px(100), top, max(t.px(60), x2 - x1 - t.px(210)))
        ui.button(x2 - t.px(96), top, None, t.px(88))


def mail(ui, box):
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.5, 0.9, 0.5)
    if x2 - x1 > t.px(600):
        w = t.px(r.randint(120, 200))
        (ui.sidebar if ui.chance(0.6) else ui.rows)((x1, y1, x1 + w, y2))
        x1 += w
    below = ui.chance(0.4)
    if below:
        middle = y1 + int((y2 - y1) * r.uniform(0.35, 0.6))
        ui.rows((x1, y1, x2, middle), "captions", r.randint(2, 4), True)
        letter = (x1, middle, x2, y2)
    else:
        w = int((x2 - x1) * r.uniform(0.3, 0.45))
        h = t.font.height * 2 + t.small.height + t.px(12)
        y, chosen = y1, r.randrange(8)
        ui.s.rect((x1, y1, x1 + w, y2), t.base)
        for i in range(max(1, (y2 - y1) // h)):
            row = (x1, y, x1 + w - 1, y + h)
            fill = mix(t.base, t.accent, 0.3) if i == chosen else t.base
            ui.s.rect(row, fill)
            ui.s.line(x1, y + h - 1, x1 + w - 1, y + h - 1, t.line)
            date = ui.w.date()
            ui.s.write(x1 + t.px(8), y + t.px(4), t.bold.fit(ui.w.name(), w // 2), t.bold, t.fg)
            ui.s.write(x1 + w - t.px(8) - t.small.width(date), y + t.px(4), date, t.small, t.dim)
            ui.s.write(x1 + t.px(8), y + t.px(5) + t.font.height, t.font.fit(ui.w.sentence(3, 9), w - t.px(16)), t.font, t.fg)
            ui.s.write(x1 + t.px(8), y + t.px(6) + 2 * t.font.height, t.small.fit(ui.w.sentence(6, 16), w - t.px(16)), t.small, t.dim)
            ui.s.add("list_item", row)
            y += h
        ui.s.line(x1 + w - 1, y1, x1 + w - 1, y2 - 1, t.line)
        letter = (x1 + w, y1, x2, y2)
    document(ui, letter, ui.chance(0.5))


def document(ui, box, letter=False):
    """Headings, paragraphs, pictures and links to be read."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    ui.s.rect(box, t.base)
    pad = t.px(r.choice([10, 16, 28]))
    x, w, y = x1 + pad, x2 - x1 - 2 * pad, y1 + pad
    if w < t.px(80):
        return
    if letter:
        y = ui.heading(x, y, ui.w.sentence(3, 7).rstrip("."), room=w)[3] + t.px(6)
        for _ in range(r.randint(1, 3)):
            y = ui.text(x, y, f"{ui.w.noun()}: {ui.w.name()}", t.small, t.dim, room=w)[3] + t.px(3)
        if ui.chance(0.6):
            left = x
            for _ in range(r.randint(1, 4)):
                if left + t.px(90) < x2:
                    left = ui.button(left, y + t.px(4), flat=ui.chance(0.2))[2] + t.px(6)
            y += t.control + t.px(8)
        y += t.px(8)
    while y < y2 - t.font.height * 3:
        roll = r.random()
        if roll < 0.2:
            y = ui.heading(x, y, ui.w.sentence(2, 5).rstrip("."), room=w)[3]
        elif roll < 0.32 and y2 - y > t.px(130):
            h = min(t.px(r.randint(70, 260)), y2 - y - 10)
            ui.picture((x, y, x + int(min(w, h * r.uniform(0.8, 2.2))), y + h))
            y += h
        elif roll < 0.42:
            left = x
            for _ in range(r.randint(1, 4)):
                text = ui.w.noun()
                if left + t.font.width(text) > x + w:
                    break
                left = ui.link(left, y, text)[2] + t.px(16)
            y += t.font.height
        else:
            y = ui.paragraph(x, y, w, max(1, min(r.randint(1, 6), int((y2 - y) // (t.font.height * 1.3)))))[3]
        y += t.px(r.choice([8, 12, 18]))
        if ui.chance(0.07):
            break


def spreadsheet(ui, box):
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.85, 0.9, 0.7)
    ui.combo(x1 + 2, y1 + 2, t.px(80), "B7")
    left = ui.icon_button(x1 + t.px(86), y1 + 2, t.control, "check")[2]
    ui.input(left + 4, y1 + 2, x2 - left - t.px(8), r.choice(["=SUM(B2:B9)", "", ui.w.amount()]))
    y1 += t.control + 5
    if ui.chance(0.6):
        y2 -= t.control
        ui.tabs((x1 + t.px(60), y2, x2, y2 + t.control), [f"{ui.w.noun()} {i + 1}" for i in range(r.randint(1, 4))])
    h, w, head = max(t.size + 6, t.px(r.choice([18, 20, 24]))), t.px(r.choice([64, 80, 100])), t.px(34)
    ui.s.rect((x1, y1, x2, y2), t.base)
    ui.s.rect((x1, y1, x2, y1 + h), t.bg)
    ui.s.rect((x1, y1, x1 + head, y2), t.bg)
    columns, lines = (x2 - x1 - head) // w, (y2 - y1 - h) // h
    for c in range(columns + 1):
        x = x1 + head + c * w
        ui.s.line(x, y1, x, y2 - 1, t.line)
        if c < columns:
            ui.middle((x, y1, x + w, y1 + h), chr(65 + c % 26))
            ui.s.add("button", (x, y1, x + w, y1 + h))
    filled, until = r.uniform(0.02, 0.5), r.randint(1, max(1, lines))
    for i in range(lines + 1):
        y = y1 + h * (i + 1)
        ui.s.line(x1, y, x2 - 1, y, t.line)
        if i == lines:
            break
        ui.middle((x1, y, x1 + head, y + h), str(i + 1), t.small)
        ui.s.add("button", (x1, y, x1 + head, y + h))
        for c in range(min(columns, 9)):
            if i < until and ui.chance(filled):
                cell = (x1 + head + c * w, y, x1 + head + (c + 1) * w, y + h)
                ui.s.add("text", ui.middle(cell, ui.w.cell() if c else ui.w.noun(), None, None, "left" if c == 0 else "right", t.px(4)))


def player(ui, box):
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.6, 0.2, 0.3)
    bar = t.tool * 2 + t.px(10) if ui.chance(0.5) else t.tool + t.px(10)
    bottom = y2 - bar
    if ui.chance(0.4) and x2 - x1 > t.px(420):
        w = t.px(r.randint(130, 200))
        ui.sidebar((x1, y1, x1 + w, bottom), heads=ui.chance(0.5))
        left = x1 + w
    else:
        left = x1
    if ui.chance(0.5):
        ui.rows((left, y1, x2, bottom), "captions", r.randint(3, 5), True)
    else:
        ui.s.rect((left, y1, x2, bottom), (0, 0, 0))
        if ui.chance(0.7) and bottom - y1 > 30:
            ui.picture((left, y1, x2, bottom))
    y = bottom + t.px(5)
    if bar > t.tool * 2:
        ui.text(x1 + t.px(6), y + (t.tool - t.small.height) // 2, "1:23", t.small)
        ui.slider(x1 + t.px(50), y + t.tool / 2, max(t.px(60), x2 - x1 - t.px(110)))
        ui.text(x2 - t.px(46), y + (t.tool - t.small.height) // 2, "4:56", t.small)
        y += t.tool
    x = x1 + t.px(6)
    for name in ["skip_back", r.choice(["play", "pause"]), "skip", "stop", "refresh", "list"][: r.randint(3, 6)]:
        x = ui.icon_button(x, y, t.tool, name)[2] + t.px(r.choice([0, 2, 6]))
    if x2 - x > t.px(150):
        ui.icon_button(x2 - t.px(116) - t.tool, y, t.tool, "sound")
        ui.slider(x2 - t.px(110), y + t.tool / 2, t.px(100))


def task_list(ui, box):
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.5, 0.5, 0.6)
    if ui.chance(0.7):
        ui.tabs((x1, y1, x2, y1 + t.control))
        y1 += t.control
    if ui.chance(0.5) and y2 - y1 > t.px(200):
        y2 -= t.control + t.gap
        ui.button_row(x2 - t.gap, y2 + t.gap // 2)
    if ui.chance(0.3) and y2 - y1 > t.px(240):
        middle = (y1 + y2) // 2
        chart(ui, (x1 + t.px(10), y1 + t.px(10), x2 - t.px(10), middle))
        y1 = middle + t.px(6)
    ui.rows((x1, y1, x2, y2), r.choice(["words", "files", "captions"]), r.randint(3, 7), True, full=0.8, label="list_item" if ui.chance(0.75) else "text")


def chart(ui, box):
    """A framed curve or bars: an image."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    if x2 - x1 < 40 or y2 - y1 < 30:
        return
    ui.s.rect(box, t.base, t.line)
    colour, v = hsv(r.random(), 0.8, 0.8), 0.5
    n = r.randint(8, 60)
    points = []
    for i in range(n):
        v = min(0.95, max(0.05, v + r.uniform(-0.15, 0.15)))
        points.append((x1 + 4 + (x2 - x1 - 8) * i / (n - 1), y2 - 4 - (y2 - y1 - 8) * v))
    if ui.chance(0.6):
        ui.s.draw.line(points, fill=colour, width=2)
    else:
        for x, y in points:
            ui.s.rect((int(x), int(y), int(x) + max(2, (x2 - x1) // n - 2), y2 - 2), colour)
    ui.s.add("image", box)


def chat(ui, box):
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    if x2 - x1 > t.px(420):
        w = t.px(r.randint(150, 240))
        h = max(t.row, t.px(44))
        ui.s.rect((x1, y1, x1 + w, y2), t.side)
        for i in range((y2 - y1) // h):
            row = (x1, y1 + i * h, x1 + w, y1 + (i + 1) * h)
            if i == 1:
                ui.s.rect(row, mix(t.side, t.accent, 0.4))
            fg = readable(t.side)
            ui.emblem(x1 + t.px(24), (row[1] + row[3]) / 2, h * 0.7, r.choice(["program", "picture"]))
            ui.s.write(x1 + t.px(48), row[1] + t.px(4), t.bold.fit(ui.w.name(), w - t.px(54)), t.bold, fg)
            ui.s.write(x1 + t.px(48), row[1] + t.px(5) + t.bold.height, t.small.fit(ui.w.sentence(3, 8), w - t.px(54)), t.small, fg)
            ui.s.add("list_item", row)
        x1 += w
    ui.s.rect((x1, y1, x2, y2), t.base)
    bottom = y2 - t.control - t.px(12)
    x = ui.icon_button(x1 + t.px(6), bottom + t.px(6), t.control, r.choice(["plus", "picture", "note"]))[2]
    field = ui.input(x + t.px(6), bottom + t.px(6), max(t.px(50), x2 - x - t.control - t.px(20)), r.choice(["", ui.w.sentence(2, 5)]))
    ui.icon_button(field[2] + t.px(6), bottom + t.px(6), t.control, r.choice(["forward", "tri_right", "upward"]), fill=t.accent)
    y = y1 + t.px(10)
    while y < bottom - t.px(70):
        mine = ui.chance(0.5)
        w = int((x2 - x1) * r.uniform(0.25, 0.65))
        rows = t.font.wrap(ui.w.sentence(3, 20), w)[:4]
        wide = max(t.font.width(v) for v in rows)
        tall = len(rows) * (t.font.height + 2)
        pad = t.px(8)
        left = x2 - wide - 3 * pad if mine else x1 + pad + t.px(34)
        if not mine:
            ui.s.add("icon", ui.emblem(x1 + t.px(20), y + t.px(16), t.px(28), "program"), False)
        fill = t.accent if mine else mix(t.base, t.fg, 0.1)
        ui.s.rounded((left, y, left + wide + 2 * pad, y + tall + 2 * pad), t.px(8), fill)
        for i, row in enumerate(rows):
            ui.s.write(left + pad, y + pad + i * (t.font.height + 2), row, t.font, readable(fill))
        ui.s.add("text", (left + pad, y + pad, left + pad + wide, y + pad + tall))
        y += tall + 2 * pad + t.px(r.choice([6, 14]))


def studio(ui, box):
    """A program for pictures or sources: tools at the left, work in the middle, panels at the right and below."""
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.9, 0.8, 0.7)
    if ui.chance(0.7):
        two = r.choice([1, 2])
        y = y1 + t.px(4)
        for _ in range(r.randint(5, 16)):
            if y + t.tool > y2 - t.px(60):
                break
            for c in range(two):
                ui.icon_button(x1 + t.px(3) + c * t.tool, y, t.tool)
            y += t.tool
        if ui.chance(0.6):
            for i, c in enumerate("ab"):
                a = (x1 + t.px(4 + 12 * i), y + t.px(6 + 12 * i), x1 + t.px(26 + 12 * i), y + t.px(28 + 12 * i))
            ui.s.rect(a, hsv(r.random(), 0.8, 0.8), t.fg)
            ui.s.add("icon", a)
        x1 += two * t.tool + t.px(6)
    if x2 - x1 > t.px(420):
        w = t.px(r.randint(150, 260))
        y = y1
        while y < y2 - t.px(130):
            h = min(y2 - y, t.px(r.randint(120, 320)))
            ui.s.rect((x2 - w, y, x2, y + h), t.bg, t.line)
            if ui.chance(0.5):
                ui.tabs((x2 - w + 2, y + 2, x2 - 2, y + 2 + t.control))
            else:
                ui.heading(x2 - w + t.px(6), y + (t.control - t.bold.height) // 2, ui.w.noun(), t.bold, room=w - t.control * 2)
                ui.icon_button(x2 - t.control, y + 2, t.control - 4, r.choice(["menu", "dots", "cross"]))
            inner = (x2 - w + t.px(6), y + t.control + t.px(6), x2 - t.px(6), y + h - 3)
            roll = r.random()
            if roll < 0.35:
                ui.rows((x2 - w + 1, inner[1], x2 - 1, y + h - 1), tree=ui.chance(0.5))
            elif roll < 0.5:
                size = t.px(r.choice([14, 16, 20]))
                for j in range(max(0, (inner[3] - inner[1]) // size)):
                    for i in range((inner[2] - inner[0]) // size):
                        a = (inner[0] + i * size, inner[1] + j * size)
                        if j < 4:
                            ui.s.rect((a[0], a[1], a[0] + size - 1, a[1] + size - 1), hsv(r.random(), 0.8, 0.9), (90, 90, 90))
                            ui.s.add("icon", (a[0], a[1], a[0] + size - 1, a[1] + size - 1))
            else:
                form(ui, inner)
            y += h
        x2 -= w
    if ui.chance(0.3) and y2 - y1 > t.px(300):
        h = t.px(r.randint(90, 160))
        ui.tabs((x1, y2 - h, x2, y2 - h + t.control))
        ui.rows((x1, y2 - h + t.control, x2, y2), "captions", r.randint(1, 3), label=r.choice(["text", "list_item"]))
        y2 -= h
    if ui.chance(0.5):
        ui.tabs((x1, y1, x2, y1 + t.control), [ui.w.file() for _ in range(r.randint(1, 5))], True)
        y1 += t.control
    if ui.chance(0.5):
        editor_area(ui, (x1, y1, x2, y2), True)
    else:
        ui.s.rect((x1, y1, x2, y2), mix(t.bg, (0, 0, 0), 0.25))
        w, h = int((x2 - x1) * r.uniform(0.4, 0.9)), int((y2 - y1) * r.uniform(0.4, 0.9))
        if h > 20:
            ui.picture(((x1 + x2 - w) // 2, (y1 + y2 - h) // 2, (x1 + x2 + w) // 2, (y1 + y2 + h) // 2))


def month(ui, box):
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.4, 0.3, 0.3)
    ui.icon_button(x1 + t.px(8), y1 + t.px(4), t.control, "left")
    ui.icon_button(x1 + t.px(10) + t.control, y1 + t.px(4), t.control, "right")
    ui.heading(x1 + t.px(20) + 2 * t.control, y1 + t.px(4), f"{ui.w.noun()} {r.randint(2001, 2027)}", room=x2 - x1 - t.px(160))
    if x2 - x1 > t.px(420):
        ui.button_row(x2 - t.px(8), y1 + t.px(4), [ui.w.noun() for _ in range(2)])
    y1 += t.control + t.px(12)
    w = (x2 - x1 - t.px(8)) / 7
    for c in range(7):
        day = t.font.fit(("Mon Tue Wed Thu Fri Sat Sun".split() if ui.w.language == "en" else ui.w.nouns)[c], w - 4)
        ui.text(int(x1 + t.px(4) + c * w + (w - t.font.width(day)) / 2), y1, day, None, t.dim)
    y1 += t.font.height + t.px(4)
    h, first = (y2 - y1 - 4) / r.choice([5, 6]), r.randrange(7)
    for i in range(42):
        a, b = int(x1 + t.px(4) + (i % 7) * w), int(y1 + (i // 7) * h)
        if b + h > y2:
            break
        cell = (a, b, int(a + w), int(b + h))
        number = str((i - first) % 30 + 1)
        ui.s.rect(cell, t.base, t.line)
        if h > t.px(60):
            ui.s.write(a + t.px(4), b + t.px(3), number, t.font, t.fg if i >= first else t.dim)
            if ui.chance(0.25):
                event = (a + 2, b + t.px(22), cell[2] - 2, b + t.px(22) + t.small.height + 4)
                colour = hsv(r.random(), 0.5, 0.8)
                ui.s.rounded(event, t.radius, colour)
                ui.middle(event, ui.w.noun(), t.small, readable(colour), "left", t.px(4))
                ui.s.add("button", event)
        else:
            ui.middle(cell, number, None, t.fg if i >= first else t.dim)
        ui.s.add("button", cell)


def wizard(ui, box):
    """One step of an assistant: a picture or steps at the left, a title, choices, and buttons below."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    bottom = y2 - t.control - 2 * t.gap
    ui.s.line(x1, bottom, x2 - 1, bottom, t.line)
    ui.button_row(x2 - t.gap, bottom + t.gap, [ui.w.act() for _ in range(3)], True)
    left = x1
    if x2 - x1 > t.px(400) and ui.chance(0.7):
        left = x1 + t.px(r.randint(110, 170))
        (ui.picture((x1, y1, left, bottom)) if ui.chance(0.5) else ui.rows((x1, y1, left, bottom), "words", label="text", signs=False, full=0))
    pad = t.px(16)
    y = ui.heading(left + pad, y1 + pad, ui.w.caption(), room=x2 - left - 2 * pad)[3] + t.px(10)
    if x2 - left - 2 * pad > t.px(100):
        y = ui.paragraph(left + pad, y, x2 - left - 2 * pad, 3)[3] + t.px(12)
        if ui.chance(0.3):
            ui.progress(left + pad, y, x2 - left - 2 * pad)
            y += t.px(28)
        if ui.chance(0.4) and bottom - y > t.px(100):
            field = (left + pad, y, x2 - pad, bottom - pad)
            ui.rows(field, "words", row=t.row)
            ui.s.rect(field, None, t.line)
        else:
            form(ui, (left + pad, y, x2 - pad, bottom - 4))


def settings_grid(ui, box):
    """Icons with captions in titled groups, and a search field."""
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    y = y1 + t.px(10)
    if ui.chance(0.6):
        w = min(t.px(260), x2 - x1 - t.px(20))
        ui.input(r.choice([x1 + t.px(10), (x1 + x2 - w) // 2]), y, w, ui.w.act(), "search")
        y += t.control + t.px(10)
    ui.s.rect((x1, y, x2, y2), t.base)
    size = t.px(r.choice([32, 40, 48]))
    cell = (size + t.px(r.choice([44, 60])), size + 2 * t.font.height + t.px(14))
    y += t.px(6)
    while y + cell[1] + t.title.height < y2:
        y = ui.heading(x1 + t.px(12), y, ui.w.noun(), t.bold if ui.chance(0.6) else t.title, room=x2 - x1 - t.px(24))[3] + t.px(6)
        x = x1 + t.px(12)
        for _ in range(r.randint(2, 9)):
            if x + cell[0] > x2:
                break
            ui.icon_entry(x, y, cell[0] - t.px(6), size, "program")
            x += cell[0]
        y += cell[1]


def glyph_table(ui, box):
    """A table of characters with a list of blocks."""
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.8, 0.4, 0.8)
    if x2 - x1 > t.px(380):
        w = t.px(r.randint(120, 200))
        ui.rows((x1, y1, x1 + w, y2), "words", signs=False)
        x1 += w + 2
    size, code = max(t.size + 8, t.px(r.choice([24, 30, 36, 44]))), r.choice([0x21, 0x41, 0xC0])
    ui.s.rect((x1, y1, x2, y2), t.base)
    for j in range((y2 - y1) // size):
        for i in range((x2 - x1) // size):
            cell = (x1 + i * size, y1 + j * size, x1 + (i + 1) * size, y1 + (j + 1) * size)
            ui.s.rect((cell[0], cell[1], cell[2] + 1, cell[3] + 1), None, t.line)
            if j < 9 and i < 16:
                ui.middle(cell, chr(code + (j * 16 + i) % 62), t.title if size > t.title.height + 6 else t.font)
                ui.s.add("button", cell)


def downloads(ui, box):
    """Rows with an icon, two lines, progress and small buttons; cells of their own, not clickable as a whole."""
    t, r = ui.t, ui.r
    x1, y1, x2, y2 = frame(ui, box, 0.4, 0.6, 0.5)
    h = t.font.height + t.small.height + t.px(24)
    ui.s.rect((x1, y1, x2, y2), t.base)
    for i in range(min(r.randint(1, 12), (y2 - y1) // h)):
        y = y1 + i * h
        ui.s.line(x1, y + h - 1, x2 - 1, y + h - 1, t.line)
        box = ui.emblem(x1 + t.px(26), y + h / 2, t.px(32))
        ui.s.add("icon", box, False)
        a, room = x1 + t.px(52), x2 - x1 - t.px(150)
        ui.text(a, y + t.px(4), ui.w.file(), t.bold if ui.chance(0.5) else t.font, room=room)
        if room > 30 and ui.chance(0.6):
            ui.progress(a, y + t.px(8) + t.font.height, room, t.px(6))
        ui.text(a, y + h - t.small.height - t.px(4), f"{ui.w.amount()} – {ui.w.amount()}", t.small, t.dim, room=room)
        size = min(h - 6, t.tool)
        for k in range(r.randint(1, 2)):
            ui.icon_button(x2 - t.px(10) - (k + 1) * (size + 2), y + (h - size) // 2, size, r.choice(["cross", "pause", "folder", "refresh", "dots"]))


def browser(ui, box):
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    h = t.control + t.px(4)
    right = ui.tabs((x1 + t.px(6), y1, x2 - t.px(60), y1 + h), [ui.w.caption() for _ in range(r.randint(1, 6))], True, t.px(r.choice([120, 160, 200])))
    ui.icon_button(right + t.px(4), y1 + 2, h - 4, "plus")
    y1 += h
    x = x1 + t.px(4)
    for name in ("back", "forward", "refresh", "home")[: r.randint(2, 4)]:
        x = ui.icon_button(x, y1 + 3, t.tool, name)[2] + 2
    tools = r.randint(1, 4)
    end = x2 - t.px(4) - tools * (t.tool + 2)
    if end - x > t.px(80):
        ui.input(x + t.px(4), y1 + 3, end - x - t.px(10), r.choice(["https://", "www.", ""]) + ui.w.folder().lower() + ".example", r.choice(["lock", "search", None]), t.tool)
    for i in range(tools):
        ui.icon_button(end + i * (t.tool + 2), y1 + 3, t.tool)
    y1 += t.tool + 6
    if ui.chance(0.3):
        x = x1 + t.px(8)
        for _ in range(r.randint(2, 7)):
            text = ui.w.noun()
            w = t.font.width(text) + t.icon + t.px(18)
            if x + w > x2:
                break
            ui.button(x, y1, text, w, t.control, glyph=r.choice(TOOL_GLYPHS), flat=True)
            x += w
        y1 += t.control
    if ui.chance(0.6):
        document(ui, (x1, y1, x2, y2))
    else:
        ui.s.rect((x1, y1, x2, y2), t.base)
        form(ui, (x1 + t.px(40), y1 + t.px(20), min(x2 - t.px(20), x1 + t.px(640)), y2 - 4))


def login(ui, box):
    t, r, (x1, y1, x2, y2) = ui.t, ui.r, box
    w = min(t.px(r.randint(220, 340)), x2 - x1 - t.px(24))
    x, y = (x1 + x2 - w) // 2, y1 + max(t.px(10), (y2 - y1 - t.px(330)) // 2)
    size = t.px(64)
    ui.s.add("icon", ui.emblem((x1 + x2) / 2, y + size / 2, size, "program"), False)
    y += size + t.px(12)
    title = t.title.fit(ui.w.caption(), w)
    y = ui.heading((x1 + x2 - t.title.width(title)) // 2, y, title)[3] + t.px(14)
    for _ in range(2):
        if ui.chance(0.6):
            y = ui.text(x, y, ui.w.noun(), t.small, t.dim, room=w)[3] + t.px(3)
        y = ui.input(x, y, w)[3] + t.gap
    ui.choice(x, y, t_row(t), room=w)
    y += t_row(t) + t.gap
    ui.button(x, y, None, w, t.control + t.px(4), True)
    y += t.control + t.px(14)
    ui.link(x, y)


# program, weight, usual size of its window at scale 1 (width, height), whether it is a dialog
PROGRAMS = [
    (text_editor, 9, (800, 560), False), (file_manager, 12, (820, 540), False), (preferences, 12, (760, 560), False), (calculator, 4, (320, 420), False), (terminal, 4, (720, 440), False),
    (image_viewer, 4, (720, 560), False), (message, 7, (420, 200), True), (properties, 8, (460, 500), True), (file_dialog, 6, (640, 440), True), (mail, 6, (1000, 640), False),
    (spreadsheet, 5, (980, 640), False), (player, 5, (760, 520), False), (task_list, 8, (800, 560), False), (chat, 4, (760, 560), False), (studio, 9, (1100, 680), False),
    (month, 4, (640, 520), False), (wizard, 5, (620, 440), True), (settings_grid, 4, (760, 560), False), (glyph_table, 2, (760, 520), False), (downloads, 4, (640, 440), False),
    (browser, 6, (1000, 640), False), (login, 2, (420, 440), True),
]
