/**
 * Key chords as commands write them: "D", "?", "Escape", "Shift+P", "Mod+K". `Mod` is Cmd on a Mac and Ctrl elsewhere.
 * The last part is a `KeyboardEvent.key`, so keys are where the user's keyboard layout has them.
 */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

interface Chord {
  readonly key: string;
  readonly mod: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
}

function parseChord(text: string): Chord {
  // "Mod++" is Mod and the plus key.
  const parts = text.endsWith("+") ? [...text.slice(0, -1).split("+").filter(Boolean), "+"] : text.split("+");
  const key = parts.at(-1) ?? "";
  const held = parts.slice(0, -1);
  return { key, mod: held.includes("Mod"), shift: held.includes("Shift"), alt: held.includes("Alt") };
}

const isLetter = (key: string): boolean => /^\p{L}$/u.test(key);

/** Whether a key press is the chord. Where a sign needs Shift on some layouts ("?", "+"), Shift does not matter. */
export function matchesChord(press: KeyPress, chord: string, mac: boolean): boolean {
  const wanted = parseChord(chord);
  const mod = mac ? press.metaKey : press.ctrlKey;
  const otherMod = mac ? press.ctrlKey : press.metaKey;
  if (mod !== wanted.mod || otherMod || press.altKey !== wanted.alt) return false;
  const sign = press.key.length === 1 && !isLetter(press.key) && press.key !== " ";
  if (!sign && press.shiftKey !== wanted.shift) return false;
  return press.key.toLowerCase() === wanted.key.toLowerCase();
}

/** Whether a chord may run while text is typed: only one that types nothing. */
export function isSafeWhileTyping(chord: string): boolean {
  return parseChord(chord).mod || chord === "Escape";
}

const names: Readonly<Record<string, string>> = {
  Escape: "Esc",
  Enter: "Enter",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Delete: "Del",
  Backspace: "Backspace",
  " ": "Space",
};

/** The keys of a chord as they are printed, one string for each key cap. */
export function keyCaps(chord: string, mac: boolean): readonly string[] {
  const { key, mod, shift, alt } = parseChord(chord);
  return [
    ...(mod ? [mac ? "⌘" : "Ctrl"] : []),
    ...(alt ? [mac ? "⌥" : "Alt"] : []),
    ...(shift ? [mac ? "⇧" : "Shift"] : []),
    names[key] ?? (key.length === 1 ? key.toUpperCase() : key),
  ];
}

/** A chord in one line: "Ctrl K", "⌘ K". */
export function chordText(chord: string, mac: boolean): string {
  return keyCaps(chord, mac).join(" ");
}
