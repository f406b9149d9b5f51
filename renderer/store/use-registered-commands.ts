import { useEffect, useRef } from "react";
import { chordText } from "../logic/commands/keys.ts";
import type { CommandInfo, UserCommand } from "../logic/commands/registry.ts";
import { onMac } from "../ui/platform.ts";
import { useRegistry } from "./use-app.tsx";

/** Offers commands as long as the component is on screen; see logic/commands/registry.ts. */
export function useRegisteredCommands(commands: readonly UserCommand[]): void {
  const registry = useRegistry();
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => registry.add(() => latest.current), [registry]);
}

/** The text of a button's tip: what it does, or the given text, and its first key. */
export function tipText(command: CommandInfo, text: string = command.title): string {
  const [chord] = command.keys ?? [];
  return chord === undefined ? text : `${text} (${chordText(chord, onMac)})`;
}
