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
} as const;

/** Words of one language for a whole page; most pages are in English. */
export class Words {
  private readonly list: readonly string[];

  constructor(private readonly random: Random) {
    const language = random.weighted([
      ["latin", 12],
      ["german", 2],
      ["french", 2],
      ["russian", 2],
      ["greek", 1],
    ] as const);
    this.list = lists[language].split(" ");
  }

  word(): string {
    return this.random.pick(this.list);
  }

  /** `from`..`to` words, the first with a capital letter. */
  phrase(from: number, to: number): string {
    const text = Array.from({ length: this.random.int(from, to) }, () => this.word()).join(" ");
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
