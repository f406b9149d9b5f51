/**
 * The one registry of user commands. The command palette, the `?` sheet, the keyboard, the native menu and the tips of
 * buttons all read it, so that they cannot disagree.
 *
 * How a view offers its commands, as long as it is on screen:
 *
 *     const blocked = b === undefined ? "Choose a second run first." : undefined;
 *     useRegisteredCommands([{ ...compareCatalogue.flicker, blocked, run }]);
 *     <Tip text={tipText(compareCatalogue.flicker)}>...</Tip>
 *
 * `useRegisteredCommands` (store/use-registered-commands.ts) takes a new list on each render; nothing needs memoising.
 * Keys are chords as in keys.ts; plain keys do nothing while text is typed, and nothing runs behind an open dialog.
 * Several commands may share a key: the one that was registered last and is not blocked runs. Use that for Escape only.
 * Commands and their keys are declared in catalogue.ts. A command whose id is a `menu.command` of the contract is also
 * run by the native menu.
 */
import { isSafeWhileTyping, type KeyPress, matchesChord } from "./keys.ts";

/** Headings of the sheet, in its order. */
export const commandGroups = [
  "File",
  "Detection",
  "Canvas",
  "Elements",
  "Truth",
  "Compare",
  "Runs",
  "Batch",
  "Window",
  "Help",
] as const;
export type CommandGroup = (typeof commandGroups)[number];

/** What is known of a command without the view that carries it out. */
export interface CommandInfo {
  /** Unique in the window. */
  readonly id: string;
  /** What it does, as an imperative: "Fit the window". */
  readonly title: string;
  readonly group: CommandGroup;
  /** Chords, the one to show first. */
  readonly keys?: readonly string[] | undefined;
  /** Other words that a search should find it by. */
  readonly words?: string | undefined;
}

export interface UserCommand extends CommandInfo {
  /** Why it cannot run now; undefined if it can. */
  readonly blocked?: string | undefined;
  /** Too many or too small for the sheet, such as one command for each open image: only the palette has it. */
  readonly paletteOnly?: boolean;
  readonly run: () => void;
}

export class CommandRegistry {
  readonly #sources = new Set<() => readonly UserCommand[]>();

  /** Registers commands that are read anew on each use. Returns the function that takes them away. */
  add(source: () => readonly UserCommand[]): () => void {
    this.#sources.add(source);
    return () => this.#sources.delete(source);
  }

  /** All commands, by group and within it in the order of registration. */
  list(): readonly UserCommand[] {
    const all = [...this.#sources].flatMap((source) => source());
    return commandGroups.flatMap((group) => all.filter((command) => command.group === group));
  }

  /** Runs a command if it is registered and not blocked; tells whether it did. */
  run(id: string): boolean {
    const command = this.list().find((each) => each.id === id);
    if (command === undefined || command.blocked !== undefined) return false;
    command.run();
    return true;
  }

  /** The command that a key press means now. */
  forKey(press: KeyPress, { mac, typing }: { mac: boolean; typing: boolean }): UserCommand | undefined {
    return [...this.#sources]
      .flatMap((source) => source())
      .reverse()
      .find(
        ({ blocked, keys = [] }) =>
          blocked === undefined &&
          keys.some((chord) => (!typing || isSafeWhileTyping(chord)) && matchesChord(press, chord, mac)),
      );
  }
}
