import type { Random } from "./random.ts";

const lists = {
  latin:
    "account active add address all amount analysis apply archive area article assign attach audio author back balance billing board book branch browse budget build calendar camera cancel cart chart chat city clear close cloud code colour comment company confirm connect contact copy country create current custom daily date delete delivery design detail device discount document download draft edit email employee enable energy error event export failed family favourite feature file filter find flight folder follow food form forward friend game general global group guest health height help hidden history home hotel image import inbox income index invoice invite issue item join key language last layout learn library light limit link list live local lock log machine mail manage map market media member menu message mobile model monthly more music name network new next night note notice number offer office online open option order orders output owner page paid panel paper partner password pause payment pending people phone photo plan play policy post preview price print privacy product profile project public publish query queue quick random rate read recent record refresh region remove rename reply report request reset restore result review role room rule sale save scale schedule score search section security select send server service session settings share ship shop show sign size sort source space start status step stock stop store street style submit subject summary support switch sync system table tag target task team template terms test text theme ticket time title today token tool total track traffic training transfer travel trial type undo update upload usage user value version video view visit volume wallet warning watch water week window wizard work world year zone",
  german:
    "Abbrechen Anmelden Ansicht Aufgabe Ausgabe Bearbeiten Benutzer Bericht Bestellung Datei Drucken Einstellungen Ergebnis Fenster Freigeben Gerät Größe Hilfe Konto Kunde Löschen Nachricht Öffnen Rechnung Schließen Seite Sprache Suche Übersicht Verlauf Weiter Werkzeuge Zurück",
  french:
    "Accueil Adresse Aide Ajouter Annuler Aperçu Compte Connexion Créer Date Déplacer Envoyer Fermer Fichier Imprimer Langue Modifier Niveau Nouveau Options Paramètres Précédent Rechercher Réglages Réponse Suivant Supprimer Télécharger",
  russian:
    "Файл Правка Вид Открыть Сохранить Закрыть Настройки Поиск Отмена Удалить Заказ Пользователь Сообщение Отчёт Дата Имя Пароль Войти Выход Помощь Язык Новый Печать Группа Адрес",
  greek:
    "Αρχείο Επεξεργασία Προβολή Άνοιγμα Αποθήκευση Κλείσιμο Ρυθμίσεις Αναζήτηση Άκυρο Διαγραφή Χρήστης Μήνυμα Αναφορά Ημερομηνία Όνομα Βοήθεια Γλώσσα Νέο",
  japanese:
    "ファイル 編集 表示 開く 保存 閉じる 設定 検索 取消 削除 注文 利用者 通知 報告 日付 名前 送信 入力 終了 ヘルプ 言語 新規 印刷 一覧 住所 次へ 戻る 更新 選択 画像 地図 予約 料金 会社 今日 明日 確認 変更 追加 共有",
  chinese:
    "文件 编辑 查看 打开 保存 关闭 设置 搜索 取消 删除 订单 用户 消息 报告 日期 姓名 密码 登录 退出 帮助 语言 新建 打印 列表 地址 下一步 返回 更新 选择 图片 地图 预订 价格 公司 今天 明天 确认 修改 添加 分享",
  korean:
    "파일 편집 보기 열기 저장 닫기 설정 검색 취소 삭제 주문 사용자 알림 보고서 날짜 이름 비밀번호 로그인 종료 도움말 언어 새로 인쇄 목록 주소 다음 뒤로 갱신 선택 사진 지도 예약 가격 회사 오늘 확인 변경 추가 공유",
  arabic:
    "ملف تحرير عرض فتح حفظ إغلاق إعدادات بحث إلغاء حذف طلب مستخدم رسالة تقرير تاريخ اسم دخول خروج مساعدة لغة جديد طباعة قائمة عنوان التالي رجوع تحديث اختيار صورة خريطة حجز سعر شركة اليوم تأكيد تعديل إضافة مشاركة",
} as const;

const withoutSpaces = new Set<keyof typeof lists>(["japanese", "chinese"]);

/** Words of one language for a whole page; most pages are in English. */
export class Words {
  private readonly list: readonly string[];
  private readonly space: string;
  /** Of the writing, as HTML's `dir` has it. */
  readonly direction: "ltr" | "rtl";

  constructor(private readonly random: Random) {
    const language = random.weighted([
      ["latin", 12],
      ["german", 2],
      ["french", 2],
      ["russian", 2],
      ["greek", 1],
      ["japanese", 1],
      ["chinese", 1],
      ["korean", 0.7],
      ["arabic", 1],
    ] as const);
    this.list = lists[language].split(" ");
    this.space = withoutSpaces.has(language) ? "" : " ";
    this.direction = language === "arabic" ? "rtl" : "ltr";
  }

  word(): string {
    return this.random.pick(this.list);
  }

  /** `from`..`to` words, the first with a capital letter. */
  phrase(from: number, to: number): string {
    const text = Array.from({ length: this.random.int(from, to) }, () => this.word()).join(this.space);
    const cased = this.random.chance(0.25) ? text.replace(/(^| )\p{Ll}/gu, (start) => start.toUpperCase()) : text;
    return cased.charAt(0).toUpperCase() + cased.slice(1);
  }

  sentence(): string {
    return `${this.phrase(5, 14)
      .toLowerCase()
      .replace(/^./u, (first) => first.toUpperCase())}.`;
  }

  name(): string {
    return this.random.pick([
      "Anna",
      "Ben",
      "Chloé",
      "David",
      "Elif",
      "Farid",
      "Grace",
      "Hugo",
      "Ines",
      "Jonas",
      "Kaya",
      "Liam",
      "Mila",
      "Noor",
      "Olga",
      "Pavel",
    ]);
  }

  number(): string {
    const value = this.random.int(0, 99_999);
    return this.random.pick([
      String(value),
      `${value % 100} %`,
      `$${(value / 100).toFixed(2)}`,
      `${1 + (value % 28)}/${1 + (value % 12)}/2026`,
      `${value % 24}:${String(value % 60).padStart(2, "0")}`,
    ]);
  }
}
