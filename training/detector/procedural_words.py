"""Words for the procedural screens: own short lists in several languages, and names, dates, sizes and sentences made of them."""

from random import Random

# Each language: menu titles | things that one does | things that one names. `probe` letters tell whether a font can show it.
_LANGUAGES = {
    "en": (
        "File Edit View Insert Format Tools Help Window Go Bookmarks Search Project Run Terminal Image Layer Select Options Actions Data",
        "Open|Save|Save As…|Close|Cancel|OK|Apply|Print…|Undo|Redo|Cut|Copy|Paste|Delete|Find…|Replace|Select All|Preferences|Settings|About|Quit|New|"
        "New Folder|New Window|Import…|Export|Refresh|Reload|Back|Next|Finish|Browse…|Add|Remove|Rename|Properties|Zoom In|Zoom Out|Full Screen|Reset|"
        "Yes|No|Continue|Install|Update|Download|Sign In|Log Out|Send|Reply|Forward|Archive|Connect|Stop|Start|Pause|Details|More…|Share|Sort By|"
        "Restore Defaults|Learn More|Check for Updates|Show Hidden Files|Move to Trash|Duplicate|Group|Lock|Compare|Extract|Test|Run|Debug|Build|Ignore",
        "General|Appearance|Display|Sound|Network|Keyboard|Mouse|Printers|Users|Privacy|Security|Notifications|Power|Storage|Date and Time|Language|Region|"
        "Documents|Downloads|Music|Pictures|Videos|Desktop|Trash|Recent|Home|Templates|Projects|Backup|Archive|Reports|Invoices|Holiday|Name|Size|Type|"
        "Modified|Owner|Status|Priority|Location|Title|Artist|Album|Length|Author|Version|Licence|Colour|Font|Theme|Background|Width|Height|Margin|Quality|"
        "Resolution|Brightness|Volume|Speed|Server|Port|Password|User name|E-mail|Address|Phone|Country|City|Comment|Subject|Inbox|Drafts|Sent|Spam|Folder|"
        "Accounts|Plugins|Shortcuts|Advanced|Editor|Accessibility|Bluetooth|Memory|Processes|Processor|Disk|Temperature|Battery|Calendar|Contacts|Tasks|Notes",
    ),
    "de": (
        "Datei Bearbeiten Ansicht Einfügen Format Extras Hilfe Fenster",
        "Öffnen|Speichern|Schließen|Abbrechen|Übernehmen|Drucken…|Rückgängig|Ausschneiden|Kopieren|Löschen|Suchen|Einstellungen|Beenden|Neu|Zurück|Weiter|Hinzufügen",
        "Allgemein|Aussehen|Anzeige|Netzwerk|Tastatur|Drucker|Benutzer|Sicherheit|Dokumente|Bilder|Schreibtisch|Größe|Geändert|Schriftart|Lautstärke|Kennwort|Straße",
    ),
    "fr": (
        "Fichier Édition Affichage Insertion Format Outils Aide Fenêtre",
        "Ouvrir|Enregistrer|Fermer|Annuler|Appliquer|Imprimer…|Rétablir|Couper|Copier|Coller|Supprimer|Rechercher|Préférences|Quitter|Nouveau|Précédent|Suivant",
        "Général|Apparence|Écran|Réseau|Clavier|Imprimantes|Sécurité|Téléchargements|Musique|Bureau|Corbeille|Taille|Modifié|Police|Qualité|Mémoire|Adresse",
    ),
    "es": (
        "Archivo Editar Ver Insertar Formato Herramientas Ayuda Ventana",
        "Abrir|Guardar|Cerrar|Cancelar|Aceptar|Imprimir…|Deshacer|Cortar|Copiar|Pegar|Eliminar|Buscar|Preferencias|Salir|Nuevo|Añadir|Atrás|Siguiente",
        "General|Apariencia|Pantalla|Sonido|Red|Teclado|Impresoras|Usuarios|Contraseña|Documentos|Imágenes|Escritorio|Tamaño|Tipo|Ubicación|Duración|Título",
    ),
    "pl": (
        "Plik Edycja Widok Wstaw Format Narzędzia Pomoc Okno",
        "Otwórz|Zapisz|Zamknij|Anuluj|Zastosuj|Drukuj…|Cofnij|Wytnij|Kopiuj|Wklej|Usuń|Znajdź|Ustawienia|Zakończ|Nowy|Wstecz|Dalej|Dołącz",
        "Ogólne|Wygląd|Ekran|Dźwięk|Sieć|Klawiatura|Użytkownicy|Pliki|Obrazy|Pulpit|Kosz|Rozmiar|Czcionka|Jakość|Pamięć|Hasło|Położenie",
    ),
    "ru": (
        "Файл Правка Вид Вставка Формат Сервис Справка Окно",
        "Открыть|Сохранить|Закрыть|Отмена|Применить|Печать…|Вернуть|Вырезать|Копировать|Вставить|Удалить|Найти|Настройки|Выход|Создать|Назад|Далее",
        "Общие|Внешний вид|Экран|Звук|Сеть|Клавиатура|Принтеры|Пользователи|Документы|Загрузки|Музыка|Корзина|Размер|Изменён|Шрифт|Громкость|Память",
    ),
    "el": (
        "Αρχείο Επεξεργασία Προβολή Εισαγωγή Εργαλεία Βοήθεια",
        "Άνοιγμα|Αποθήκευση|Κλείσιμο|Ακύρωση|Εφαρμογή|Εκτύπωση…|Αναίρεση|Αποκοπή|Αντιγραφή|Διαγραφή|Εύρεση|Ρυθμίσεις|Έξοδος|Νέο|Επόμενο",
        "Γενικά|Εμφάνιση|Οθόνη|Ήχος|Δίκτυο|Πληκτρολόγιο|Χρήστες|Έγγραφα|Λήψεις|Μουσική|Εικόνες|Κάδος|Μέγεθος|Τύπος|Ένταση|Μνήμη",
    ),
    "he": (
        "קובץ עריכה תצוגה הוספה כלים עזרה",
        "פתיחה|שמירה|סגירה|ביטול|אישור|הדפסה|גזירה|העתקה|הדבקה|מחיקה|חיפוש|העדפות|יציאה|חדש|הבא|הקודם",
        "כללי|מראה|מסך|צליל|רשת|מקלדת|מדפסות|משתמשים|מסמכים|הורדות|מוזיקה|תמונות|אשפה|גודל|סוג|סיסמה",
    ),
    "zh": (
        "文件 编辑 查看 插入 格式 工具 帮助 窗口",
        "打开|保存|关闭|取消|确定|应用|打印…|撤销|重做|剪切|复制|粘贴|删除|查找|首选项|退出|新建|返回|下一步|添加",
        "常规|外观|显示|声音|网络|键盘|鼠标|打印机|用户|隐私|安全|文档|下载|音乐|图片|视频|桌面|回收站|名称|大小|类型|修改日期|密码|字体|内存",
    ),
    "ja": (
        "ファイル 編集 表示 挿入 書式 ツール ヘルプ",
        "開く|保存|閉じる|キャンセル|適用|印刷…|元に戻す|切り取り|コピー|貼り付け|削除|検索|設定|終了|新規作成|戻る|次へ|追加",
        "一般|外観|画面|サウンド|ネットワーク|キーボード|プリンター|ユーザー|書類|ダウンロード|ミュージック|画像|ごみ箱|名前|サイズ|種類|パスワード",
    ),
    "ko": (
        "파일 편집 보기 삽입 서식 도구 도움말",
        "열기|저장|닫기|취소|확인|적용|인쇄…|실행 취소|잘라내기|복사|붙여넣기|삭제|찾기|환경 설정|종료|새로 만들기|뒤로|다음",
        "일반|모양|화면|소리|네트워크|키보드|프린터|사용자|문서|다운로드|음악|사진|휴지통|이름|크기|종류|암호",
    ),
}
_PROBES = {"en": "a", "de": "ß", "fr": "é", "es": "ñ", "pl": "ł", "ru": "Ж", "el": "Ω", "he": "א", "zh": "编", "ja": "編ア", "ko": "편"}
_WEIGHTS = {"en": 60, "de": 7, "fr": 6, "es": 6, "pl": 3, "ru": 6, "el": 2, "he": 2, "zh": 7, "ja": 6, "ko": 4}
_NAMES = (
    "Anna Bauer|Li Wei|Omar Said|Maria Costa|John Miller|Eva Novak|Tom Berg|Sara Lind|Ivan Petrov|Mia Rossi|Paul Dubois|Nora Khan|Ben Carter|Aiko Mori|"
    "Lena Fuchs|David Kim|Rosa Diaz|Karl Holm|Zoe Adams|Max Weber"
).split("|")
_STEMS = (
    "report notes budget holiday letter main index readme draft invoice backup photo plan list config data test setup minutes thesis logo map music poster "
    "schedule summary contract family garden kitchen server client parser window colour"
).split()
_ENDINGS = "txt pdf png jpg odt docx xlsx csv zip tar.gz mp3 ogg mp4 py c h rs js html css json md svg iso log".split()
_PLAIN = (
    "the a this that one when with from into over under after before between while and or but of for not only all each other two many few small large "
    "new old open closed light dark left right first last long short file page line word place time day year house river field road city window door "
    "table letter number colour sound picture question answer change value part side end start is was are were has had can could will would may might "
    "takes keeps gives makes shows finds holds moves turns reads writes"
).split()


def languages(can_show):
    """The languages all of whose probe letters `can_show(text)` accepts, with their weights."""
    return {name: _WEIGHTS[name] for name, probe in _PROBES.items() if can_show(probe)}


class Words:
    """Draws words of one language with the given random source."""

    def __init__(self, rng: Random, language: str):
        menus, acts, nouns = _LANGUAGES[language]
        self.rng, self.language = rng, language
        self.menus, self.acts, self.nouns = menus.split(), acts.split("|"), nouns.split("|")
        if language == "he":  # drawn from left to right, so the letters are turned round here
            self.menus, self.acts, self.nouns = ([w[::-1] for w in words] for words in (self.menus, self.acts, self.nouns))
        self._close = language in ("zh", "ja")

    def act(self) -> str:
        return self.rng.choice(self.acts)

    def noun(self) -> str:
        return self.rng.choice(self.nouns)

    def caption(self) -> str:
        """A caption of a setting: one to four words."""
        r = self.rng
        if self.language == "en" and r.random() < 0.6:
            return f"{r.choice(self.acts).rstrip('.…')} {' '.join(r.choice(_PLAIN) for _ in range(r.randint(0, 2)))} {self.noun().lower()}".replace("  ", " ")
        return ("" if self._close else " ").join(self.noun() for _ in range(r.randint(1, 3)))

    def sentence(self, least=4, most=14) -> str:
        r = self.rng
        if self.language == "en":
            words = [r.choice(_PLAIN) for _ in range(r.randint(least, most))]
        else:
            words = [r.choice(self.nouns if r.random() < 0.7 else self.acts).rstrip("…") for _ in range(r.randint(max(2, least // 2), max(3, most // 2)))]
        text = ("" if self._close else " ").join(words)
        return text[:1].upper() + text[1:] + ("。" if self._close else ".")

    def name(self) -> str:
        return self.rng.choice(_NAMES)

    def file(self) -> str:
        r = self.rng
        stem = r.choice(_STEMS) + r.choice(["", "", "-2", "_final", f" {r.randint(1, 30)}", f"-{r.randint(2009, 2026)}"])
        return f"{stem}.{r.choice(_ENDINGS)}"

    def folder(self) -> str:
        return self.noun() if self.rng.random() < 0.6 else self.rng.choice(_STEMS)

    def amount(self) -> str:
        r = self.rng
        kind = r.randrange(5)
        if kind == 0:
            return f"{r.randint(1, 999)} {r.choice(['B', 'KB', 'MB', 'kB', 'GB', 'items'])}"
        if kind == 1:
            return f"{r.random() * 100:.1f} {r.choice(['MB', 'GB', '%', 'KiB'])}"
        if kind == 2:
            return f"{r.randint(0, 100)}%"
        return str(r.randint(0, 99999)) if kind == 3 else f"{r.randint(0, 9)}:{r.randint(0, 59):02d}"

    def date(self) -> str:
        r = self.rng
        y, m, d, hour, minute = r.randint(2001, 2027), r.randint(1, 12), r.randint(1, 28), r.randint(0, 23), r.randint(0, 59)
        return r.choice([f"{y}-{m:02d}-{d:02d}", f"{d:02d}.{m:02d}.{y}", f"{m}/{d}/{y} {hour}:{minute:02d}", f"{hour:02d}:{minute:02d}", f"{d:02d}/{m:02d}/{y % 100:02d}"])

    def cell(self) -> str:
        """What stands in a column of a list or table."""
        return self.rng.choice([self.amount, self.amount, self.date, self.name, self.noun])()

    def code(self) -> str:
        """A line of something like source text."""
        r = self.rng
        a, b, c = (r.choice(_STEMS) for _ in range(3))
        return "    " * r.randint(0, 3) + r.choice([
            f"def {a}_{b}({c}):", f"return {a}.{b}", f"if {a} > {r.randint(0, 99)}:", f"const {a} = {b}({c});", f"// {self.sentence(3, 7)}", f"{a}[{b}] += {r.randint(1, 9)}",
            f"for {a} in {b}:", f"import {a}", "}", f"{a}.{b}({c}, {r.randint(0, 255)})", f'print("{a} {b}")', f"# {a} {b}",
        ])
