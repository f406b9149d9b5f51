#!/usr/bin/env python3
"""Screenshots of real GTK and Qt programs with the elements that their accessibility tree tells, for evaluation only.

Runs the programs of programs.py under a virtual X server, one state at a time, and writes OUT/test.jsonl and OUT/<program>-<state>.png (the whole screen,
not scaled) in the training data's format: library is the toolkit, template the program. OUT/report.json says what was left out and why. The pictures show
other people's programs: they are made where they are used and are not part of the source.

    python3 training/desktop/collect.py --packages | xargs apt-get install -y --no-install-recommends
    python3 training/desktop/collect.py --list
    python3 training/desktop/collect.py --out /tmp/desktop-truth [--only kate] [--overlay]

Run it as an ordinary user: several programs warn about or refuse the root account. With --only, the lines of other programs in OUT stay.
Windows have no title bars of the window manager's, since those are not in any program's tree.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "detector")]
from programs import PACKAGES, PROGRAMS  # noqa: E402

WIDTH, HEIGHT = 1280, 800
_LIMIT = 75  # seconds for one state


def _documents(folder: Path):
    """Made-up documents for the programs to show."""
    import numpy as np
    from PIL import Image, ImageDraw
    from procedural import draw
    from procedural_canvas import _pictures

    folder.mkdir(parents=True)
    words = "The meeting takes place on the second floor. Please bring your notes and the list of open questions with you.\n"
    (folder / "letter.txt").write_text("Dear Anna,\n\n" + words * 3 + "\nBest wishes\nTom\n")
    (folder / "letter2.txt").write_text("Dear Anna,\n\n" + words + "It ends at noon.\n" + words + "\nKind regards\nTom\n")
    (folder / "notes.py").write_text("".join(f"def step_{i}(value):\n    \"\"\"Adds {i}.\"\"\"\n    return value + {i}\n\n\n" for i in range(12)))
    (folder / "table.csv").write_text("Name,Amount,Date\n" + "".join(f"Item {i},{i * 37 % 101},2024-0{i % 9 + 1}-1{i % 9}\n" for i in range(25)))
    _pictures()[1].resize((1152, 864), Image.BICUBIC).save(folder / "picture.png")
    Image.fromarray(draw(np.random.default_rng(4))[0]).save(folder / "screen.png")
    page = Image.new("RGB", (827, 1169), "white")
    pen = ImageDraw.Draw(page)
    for i in range(38):
        pen.text((90, 120 + 24 * i), words.strip(), fill="black")
    page.save(folder / "paper.pdf")
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        for path in sorted(folder.glob("*.*"))[:5]:
            if path.suffix != ".zip":
                archive.write(path, path.name)
    for name in ("Invoices", "Music", "Projects"):
        (folder / name).mkdir()


def _home(folder: Path):
    """A home folder with the settings that make the programs look as they usually do."""
    _documents(folder / "Documents")
    files = {
        ".config/gtk-3.0/settings.ini": "[Settings]\ngtk-icon-theme-name=Adwaita\ngtk-theme-name=Adwaita\ngtk-font-name=DejaVu Sans 10\ngtk-dialogs-use-header=0\ngtk-enable-animations=0\n",
        ".config/gtk-4.0/settings.ini": "[Settings]\ngtk-icon-theme-name=Adwaita\ngtk-enable-animations=0\n",
        ".gtkrc-2.0": 'gtk-icon-theme-name="gnome"\ngtk-theme-name="Clearlooks"\n',
        ".config/qt5ct/qt5ct.conf": "[Appearance]\nicon_theme=breeze\nstyle=Fusion\n",
        ".config/qt6ct/qt6ct.conf": "[Appearance]\nicon_theme=breeze\nstyle=Fusion\n",
        ".config/qBittorrent/qBittorrent.conf": "[LegalNotice]\nAccepted=true\n",
        ".config/keepassxc/keepassxc.ini": "[General]\nUpdateCheckMessageShown=true\nCheckForUpdates=false\n[GUI]\nCheckForUpdates=false\n",
        ".config/openbox/rc.xml": '<?xml version="1.0"?><openbox_config xmlns="http://openbox.org/3.4/rc"><placement><policy>Smart</policy></placement>'
        "<desktops><number>1</number></desktops><applications><application class=\"*\"><decor>no</decor></application></applications></openbox_config>",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _run(*command, timeout=10):
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False).stdout


def _x_windows():
    """The managed windows from the lowest to the uppermost: dicts of id, pid, title, box (px of the screen, without the shadow that some draw themselves)."""
    ids = [v.strip(" ,") for v in _run("xprop", "-root", "_NET_CLIENT_LIST_STACKING").partition("#")[2].split(",") if v.strip()]
    found = []
    for wid in ids:
        about = {}
        for line in _run("xwininfo", "-id", wid).splitlines():
            key, _, value = line.strip().partition(": ")
            about[key.strip(":")] = value.strip()
        properties = _run("xprop", "-id", wid, "_NET_WM_PID", "_NET_WM_NAME", "_GTK_FRAME_EXTENTS")
        try:
            x, y, w, h = (int(about[k]) for k in ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height"))
        except (KeyError, ValueError):
            continue
        values = {line.partition("(")[0]: line.partition("= ")[2] for line in properties.splitlines()}
        left, right, top, bottom = (int(v) for v in values["_GTK_FRAME_EXTENTS"].split(",")) if values.get("_GTK_FRAME_EXTENTS") else (0, 0, 0, 0)
        pid = int(values.get("_NET_WM_PID") or 0)
        found.append({"id": wid, "pid": pid, "title": values.get("_NET_WM_NAME", "").strip().strip('"'), "box": (x + left, y + top, x + w - right, y + h - bottom)})
    return found


# ----- one state, in a process of its own, since the accessibility library keeps stale answers and may wait for ever
def _point(node):
    from accessibility import extents

    x1, y1, x2, y2 = extents(node)
    return (x1 + x2) // 2, (y1 + y2) // 2


def _click(x, y, button=1):
    _run("xdotool", "mousemove", str(x), str(y), "click", str(button))
    time.sleep(0.9)


def _menu(name):
    from accessibility import R, attempt, children, extents, find, showing

    for bar in find("", {R.MENU_BAR}):
        titles = [t for t in children(bar) if showing(t) and extents(t) is not None]
        from accessibility import name_of

        fitting = [titles[name]] if isinstance(name, int) and name < len(titles) else [t for t in titles if name_of(t).replace("_", "").lower() == str(name).lower()]
        if fitting:
            _click(*_point(fitting[0]))
            return
    raise LookupError(f"no menu {name}: the bars hold {[name_of(t) for b in find('', {R.MENU_BAR}) for t in children(b)]}")


def _step(step):
    from accessibility import R, extents, find

    kind, *args = step
    if kind == "menu":
        _menu(args[0])
    elif kind == "item":
        _menu(args[0])
        items = [n for n in find(args[1], {R.MENU_ITEM, R.MENU, R.CHECK_MENU_ITEM}) if extents(n) is not None]
        if not items:
            raise LookupError(f"no menu entry {args[1]}")
        _click(*_point(items[0]))
        time.sleep(2)
    elif kind == "click":
        roles = {R.PUSH_BUTTON, R.PAGE_TAB, R.RADIO_BUTTON, R.TOGGLE_BUTTON, R.LIST_ITEM, R.TABLE_CELL, R.LINK, R.CHECK_BOX}
        found = [n for n in find(args[0], roles) if extents(n) is not None]
        if not found:
            raise LookupError(f"nothing to click on named {args[0]}")
        _click(*_point(found[0]))
        time.sleep(1)
    elif kind == "context":
        x1, y1, x2, y2 = _x_windows()[-1]["box"]
        _click(int(x1 + (x2 - x1) * args[0]), int(y1 + (y2 - y1) * args[1]), 3)
    elif kind == "key":
        _run("xdotool", "key", args[0])
        time.sleep(2)


def _keep(elements, windows, popups):
    """Leaves out what is covered by a higher window or an open menu, and cuts what is partly covered."""
    import numpy as np

    owner = np.full((HEIGHT, WIDTH), -1, np.int16)
    for number, window in enumerate(windows):
        x1, y1, x2, y2 = (max(0, v) for v in window["box"])
        owner[y1:y2, x1:x2] = number
    keys = {}
    for key, boxes in popups.items():
        if len(boxes) < 2:
            continue
        keys[key] = 1000 + len(keys)
        x1, y1, x2, y2 = (max(0, f(b[i] for b in boxes) + d) for i, (f, d) in enumerate(((min, -3), (min, -3), (max, 3), (max, 3))))
        owner[y1:y2, x1:x2] = keys[key]
    kept = set()
    for number, (x1, y1, x2, y2), label, interactive, popup in elements:
        mine = keys.get(popup, number)
        seen = owner[y1:y2, x1:x2] == mine
        if number < 0 or seen.sum() * 2 < seen.size or not seen.size:
            continue
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        kept.add((x1 + int(columns[0]), y1 + int(rows[0]), x1 + int(columns[-1]) + 1, y1 + int(rows[-1]) + 1, label, interactive))
    return kept


def _inside(program_name, state_name, picture, pid):
    """Brings the program to its state, takes the picture, and prints the elements as JSON."""
    import numpy as np
    from accessibility import Atspi, Reader, attempt, extents, name_of, tops
    from PIL import ImageGrab
    from procedural import order

    Atspi.init()
    Atspi.set_timeout(1500, 6000)
    program = next(p for p in PROGRAMS if p.name == program_name)
    state = next(s for s in program.states if s.name == state_name)
    for step in state.steps:
        _step(step)
    _run("xdotool", "mousemove", str(WIDTH - 2), str(HEIGHT - 2)) if not any(s[0] in ("menu", "context") for s in state.steps) else None
    time.sleep(0.8)
    shot = ImageGrab.grab(xdisplay=os.environ["DISPLAY"]).convert("RGB")
    shot.save(picture)
    windows = _x_windows()
    reader = Reader(np.asarray(shot))
    toolkits = set()
    for app, process, top in tops():
        box, title = extents(top), name_of(top)
        fitting = [i for i, w in enumerate(windows) if w["pid"] == process and w["title"] == title] or [i for i, w in enumerate(windows) if w["pid"] == process]
        if len(fitting) > 1 and box is not None:
            fitting.sort(key=lambda i: sum(abs(a - b) for a, b in zip(windows[i]["box"], box)))
        if fitting:
            if process == pid:
                kit = attempt(top.get_application) or top
                toolkits.add(f"{attempt(kit.get_toolkit_name) or '?'} {(attempt(kit.get_toolkit_version) or '').split('.')[0]}".strip().lower())
            reader.read(fitting[0], top)
    elements = [{"bbox": [float(v) for v in e[:4]], "label": e[4], "interactive": e[5]} for e in _keep(reader.elements, windows, reader.popups)]
    elements.sort(key=lambda e: order(e["bbox"]))
    print(json.dumps({"elements": elements, "toolkit": " ".join(sorted(toolkits)) or "unknown", "windows": len(windows)}))


# ----- the session
def _start(program, home, box):
    """Starts a program, waits for its window and puts it at `box` (x, y, width, height); returns the process."""
    environment = {**os.environ, **program.environment, "GTK_THEME": program.look}
    before = {w["id"] for w in _x_windows()}
    command = program.command.format(docs=home / "Documents", home=home).split()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    fresh, until = [], time.time() + 20
    while not fresh and time.time() < until:
        time.sleep(0.4)
        fresh = [w for w in _x_windows() if w["id"] not in before]
    time.sleep(2)
    fresh = [w for w in _x_windows() if w["id"] not in before]
    for w in sorted(fresh, key=lambda w: w["pid"] != process.pid)[:1]:
        _run("xdotool", "windowsize", w["id"], str(box[2]), str(box[3]), "windowmove", w["id"], str(box[0]), str(box[1]), "windowactivate", w["id"])
    time.sleep(1.2)
    return process, bool(fresh)


def _end(process):
    for signal in (15, 9):
        try:
            os.killpg(process.pid, signal)
            process.wait(3)
            return
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def _session(out: Path, only, overlay):
    home = Path(os.environ["HOME"])
    manager = subprocess.Popen(["openbox", "--config-file", str(home / ".config/openbox/rc.xml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for key in ("IsEnabled", "ScreenReaderEnabled"):
        _run("gdbus", "call", "--session", "--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus", "--method", "org.freedesktop.DBus.Properties.Set", "org.a11y.Status", key, "<true>")
    _run("xsetroot", "-solid", "#3d6a8a")
    lines, left_out = [], []
    if only and (out / "test.jsonl").exists():  # a repeated run replaces these programs alone
        lines = [line for line in map(json.loads, (out / "test.jsonl").read_text().splitlines()) if line["template"] not in only]
        left_out = [reason for reason in json.loads((out / "report.json").read_text())["left_out"] if reason.split()[0].rstrip(":") not in only]
    for number, program in enumerate(PROGRAMS):
        if only and program.name not in only:
            continue
        if shutil.which(program.command.split()[0]) is None:
            left_out.append(f"{program.name}: not installed")
            continue
        for state in program.states:
            picture = out / f"{program.name}-{state.name}.png"
            processes, reason = [], ""
            try:
                w, h = min(WIDTH, program.size[0]), min(HEIGHT, program.size[1])
                if state.beside:
                    other = next(p for p in PROGRAMS if p.name == state.beside)
                    processes.append(_start(other, home, (30, 40, min(800, other.size[0]), min(600, other.size[1])))[0])
                spot = (WIDTH - w - 20, HEIGHT - h - 20) if state.beside else ((WIDTH - w) * (number % 3) // 2, (HEIGHT - h) * (number % 2) // 2)
                process, shown = _start(program, home, (max(0, spot[0]), max(0, spot[1]), w, h))
                processes.append(process)
                if not shown:
                    raise LookupError("no window came")
                done = subprocess.run([sys.executable, __file__, "--state", program.name, state.name, str(picture), str(process.pid)], capture_output=True, text=True, timeout=_LIMIT, check=False)
                if done.returncode:
                    raise LookupError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "reading failed")
                got = json.loads(done.stdout.splitlines()[-1])
                if len(got["elements"]) < 5:
                    raise LookupError(f"only {len(got['elements'])} elements in its tree")
                lines.append({"image": picture.name, "width": WIDTH, "height": HEIGHT, "split": "test", "library": got["toolkit"], "template": program.name, "seed": 0, "scale": 1, "elements": got["elements"]})
            except (LookupError, subprocess.TimeoutExpired) as error:
                reason = f"{program.name} {state.name}: {error}"
                left_out.append(reason)
                picture.unlink(missing_ok=True)
            finally:
                for process in processes:
                    _end(process)
                time.sleep(0.5)
            if overlay and not reason:
                _overlay(out, lines[-1])
            print(reason or f"{picture.name}: {len(lines[-1]['elements'])} elements, {lines[-1]['library']}", flush=True)
    manager.terminate()
    with open(out / "test.jsonl", "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    (out / "report.json").write_text(json.dumps({"screens": len(lines), "programs": len({line["template"] for line in lines}), "elements": sum(len(line["elements"]) for line in lines), "left_out": left_out}, indent=1))
    print(f"{len(lines)} screens of {len({line['template'] for line in lines})} programs, {sum(len(line['elements']) for line in lines)} elements, {len(left_out)} states left out")


def _overlay(out: Path, line):
    """The screenshot with the boxes and labels drawn in, to be looked at."""
    from PIL import Image, ImageDraw
    from procedural import LABELS
    from procedural_widgets import hsv

    (out / "overlay").mkdir(exist_ok=True)
    image = Image.open(out / line["image"])
    pen = ImageDraw.Draw(image)
    for e in line["elements"]:
        colour = hsv(LABELS.index(e["label"]) / len(LABELS), 0.95, 0.85)
        pen.rectangle(e["bbox"], outline=colour)
        pen.text((e["bbox"][0] + 1, e["bbox"][1] - 1), e["label"][:5], fill=colour)
    image.save(out / "overlay" / line["image"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, help="the folder to write to")
    parser.add_argument("--list", action="store_true", help="print the programs and states")
    parser.add_argument("--packages", action="store_true", help="print the Debian packages that are needed")
    parser.add_argument("--only", nargs="+", help="these programs alone")
    parser.add_argument("--overlay", action="store_true", help="also write OUT/overlay with the boxes drawn in")
    parser.add_argument("--state", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--session", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.state:
        _inside(args.state[0], args.state[1], args.state[2], int(args.state[3]))
    elif args.packages:
        print(PACKAGES)
    elif args.list:
        for program in PROGRAMS:
            print(f"{program.name:22} {program.size[0]}x{program.size[1]}  {', '.join(s.name for s in program.states)}")
        print(f"{len(PROGRAMS)} programs, {sum(len(p.states) for p in PROGRAMS)} states")
    elif args.out is None:
        parser.error("--out or --list is needed")
    elif args.session:
        _session(args.out, args.only, args.overlay)
    else:
        args.out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "user"
            home.mkdir()
            _home(home)
            reading, writing = os.pipe()
            server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"], pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            display = os.read(reading, 16).decode().strip()
            runtime = Path(folder) / "run"
            runtime.mkdir(mode=0o700)
            environment = {
                **os.environ, "DISPLAY": f":{display}", "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "XDG_CONFIG_HOME": str(home / ".config"), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
                "QT_ACCESSIBILITY": "1", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_QPA_PLATFORMTHEME": "qt5ct", "GTK_MODULES": "gail:atk-bridge", "NO_AT_BRIDGE": "0", "GDK_BACKEND": "x11", "GSETTINGS_BACKEND": "memory",
            }
            environment.pop("WAYLAND_DISPLAY", None)
            again = [*sys.argv[1:], "--session"]
            try:
                sys.exit(subprocess.run(["dbus-run-session", "--", sys.executable, __file__, *again], env=environment, check=False).returncode)
            finally:
                server.terminate()
                server.wait(10)


if __name__ == "__main__":
    main()
