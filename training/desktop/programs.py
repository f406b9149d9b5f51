"""The desktop programs of the evaluation and the states in which each is looked at.

Steps of a state, done one after the other once the program's first window is there:
  menu NAME-OR-NUMBER     clicks a title of the menu bar (a number counts from 0)
  item MENU PATTERN       opens a menu and clicks the first entry whose name fits the pattern
  click PATTERN           clicks the first visible thing that can be clicked and whose name fits the pattern
  context X Y             right button, at a part of the window (0..1)
  key KEYS                xdotool's names; type TEXT
`{docs}` stands for the folder of made-up documents.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class State:
    name: str
    steps: tuple = ()
    beside: str | None = None  # another program's name, started before and lying partly under this one's window


@dataclass(frozen=True)
class Program:
    name: str
    command: str
    states: tuple
    size: tuple = (1280, 800)  # of its window, px
    packages: str = ""
    look: str = "Adwaita"  # GTK_THEME; Qt programs follow the platform theme's own style
    environment: dict = field(default_factory=dict)


def _menus(*names):
    return tuple(State(f"menu-{str(name).lower()}", (("menu", name),)) for name in names)


START = State("start")
# Left out: gnome-calculator and baobab (GTK 4) and qt5ct, whose trees hold nothing; ristretto, whose first dialog is in no tree.
PROGRAMS = [
    Program("mousepad", "mousepad {docs}/letter.txt", (START, *_menus("Edit", "View"), State("preferences", (("item", "Edit", "Preferences"),))), (900, 600)),
    Program("gedit", "gedit -s {docs}/notes.py", (START, State("beside", (), "galculator")), (1000, 680)),
    Program("pluma", "pluma {docs}/notes.py", (START, *_menus("File", "View"), State("preferences", (("item", "Edit", "Preferences"),)), State("find", (("key", "ctrl+h"),))), (1100, 720)),
    Program("geany", "geany -c {home}/geany {docs}/notes.py", (START, *_menus("Document"), State("preferences", (("item", "Edit", "Preferences"),)))),
    Program("galculator", "galculator", (START, *_menus("View"), State("preferences", (("item", "Edit", "Preferences"),)), State("beside", (), "mousepad")), (420, 460)),
    Program("evince", "evince {docs}/paper.pdf", (START,), (1000, 760)),
    Program("eog", "eog {docs}/picture.png", (START,), (1000, 700)),
    Program("file-roller", "file-roller {docs}/archive.zip", (START,), (860, 560)),
    Program("thunar", "thunar {docs}", (  # its icon view tells nothing, so its list is shown
        State("list", (("key", "ctrl+2"),)), State("menu-view", (("key", "ctrl+2"), ("menu", "View"))), State("preferences", (("key", "ctrl+2"), ("item", "Edit", "Preferences")))), (1000, 640), look="Adwaita:dark"),
    Program("pcmanfm", "pcmanfm -n {docs}", (START,), (900, 600)),  # GTK 2 tells nothing of open menus
    Program("gnome-system-monitor", "gnome-system-monitor", (START, State("files", (("click", "File Systems"),)), State("resources", (("click", "Resources"),)))),
    Program("gucharmap", "gucharmap", (START, *_menus("View")), (900, 640)),
    Program("meld", "meld {docs}/letter.txt {docs}/letter2.txt", (START,)),
    Program("lxappearance", "lxappearance", (START, State("icons", (("click", "Icon Theme"),)), State("font", (("click", "Font"),)), State("beside", (), "mousepad")), (620, 520)),
    Program("xfce-appearance", "xfce4-appearance-settings", (START, State("fonts", (("click", "Fonts"),)), State("settings", (("click", "Settings"),))), (700, 560)),
    Program("xfce-keyboard", "xfce4-keyboard-settings", (START, State("shortcuts", (("click", "Application Shortcuts"),)), State("layout", (("click", "Layout"),))), (720, 560)),
    Program("xfce-mouse", "xfce4-mouse-settings", (START, State("touchpad", (("click", "Theme"),))), (640, 500), look="Adwaita:dark"),
    Program("xfce-terminal", "xfce4-terminal --disable-server", (START, *_menus("Edit"), State("preferences", (("item", "Edit", "Preferences"),))), (900, 560)),
    Program("xfce-tasks", "xfce4-taskmanager", (START, State("beside", (), "pluma")), (820, 600)),
    Program("abiword", "abiword {docs}/letter.txt", (START, *_menus("Format"), State("font", (("item", "Format", "Font"),)))),
    Program("gnumeric", "gnumeric {docs}/table.csv", (START, *_menus("Format"), State("find", (("key", "ctrl+f"),)))),
    Program("featherpad", "featherpad {docs}/letter.txt", (START, *_menus("Edit", "Options"), State("preferences", (("item", "Options", "Preferences"),))), (960, 640)),
    Program("pcmanfm-qt", "pcmanfm-qt {docs}", (START, *_menus("View"), State("preferences", (("item", "Edit", "Preferences"),)), State("beside", (), "speedcrunch")), (1000, 640)),
    Program("qterminal", "qterminal", (START, *_menus("File"), State("preferences", (("item", "File", "Preferences"),))), (900, 560)),
    Program("kcalc", "kcalc", (START, *_menus("Settings"), State("preferences", (("item", "Settings", "Configure KCalc"),)), State("beside", (), "featherpad")), (560, 480)),
    Program("kate", "kate -n {docs}/notes.py", (START, *_menus("Edit", "Tools"), State("preferences", (("item", "Settings", "Configure Kate"),)))),
    Program("speedcrunch", "speedcrunch", (START, *_menus("Settings")), (760, 560)),
    Program("keepassxc", "keepassxc", (START, *_menus("Tools"), State("preferences", (("click", "Settings"),))), (1000, 680)),
    Program("qbittorrent", "qbittorrent", (START, *_menus("View"), State("preferences", (("item", "Tools", "Preferences|Options"),)))),
    Program("lximage-qt", "lximage-qt {docs}/picture.png", (START, *_menus("View"), State("preferences", (("item", "Edit", "Preferences"),))), (960, 700)),
    Program("vlc", "vlc --no-qt-privacy-ask", (START, *_menus("Playback"), State("preferences", (("key", "ctrl+p"),))), (900, 600)),
]
# The packages of Debian 12 that hold these programs and what they run on.
PACKAGES = (
    "xvfb at-spi2-core dbus-x11 gir1.2-atspi-2.0 python3-gi python3-numpy python3-pil openbox xdotool x11-utils x11-xserver-utils adwaita-icon-theme gnome-icon-theme "
    "breeze-icon-theme gnome-themes-extra fonts-dejavu-core fonts-liberation mousepad gedit pluma geany galculator evince eog file-roller thunar pcmanfm "
    "gnome-system-monitor gucharmap meld lxappearance xfce4-settings xfce4-terminal xfce4-taskmanager abiword gnumeric featherpad pcmanfm-qt "
    "qterminal kcalc kate speedcrunch keepassxc qbittorrent lximage-qt qt5ct vlc"
)
