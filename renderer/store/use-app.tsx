import { createContext, type ReactNode, use, useEffect, useRef } from "react";
import { useStore } from "zustand";
import type { EventPayload } from "../../app/contract/index.ts";
import type { WindowClient } from "../client/client.ts";
import type { CommandRegistry } from "../logic/commands/registry.ts";
import type { AppState, AppStore } from "./app-store.ts";
import type { Commands } from "./commands/index.ts";

export interface AppParts {
  readonly client: WindowClient;
  readonly store: AppStore;
  readonly commands: Commands;
  readonly registry: CommandRegistry;
}

const AppContext = createContext<AppParts | undefined>(undefined);

export function AppProvider({ value, children }: { readonly value: AppParts; readonly children: ReactNode }) {
  return <AppContext value={value}>{children}</AppContext>;
}

function useParts(): AppParts {
  const parts = use(AppContext);
  if (parts === undefined) throw new Error("AppProvider is missing above this component");
  return parts;
}

/** A piece of the state; the component renders again when it changes. */
export function useApp<T>(select: (state: AppState) => T): T {
  return useStore(useParts().store, select);
}

export function useCommands(): Commands {
  return useParts().commands;
}

export function useRegistry(): CommandRegistry {
  return useParts().registry;
}

/** Turns an image id into an address for <img>. */
export function useImageUrl(id: string): string {
  return useParts().client.imageUrl(id);
}

/** Calls back with each command that the native menu sends. */
export function useMenuCommands(run: (command: EventPayload<"menu.command">["command"]) => void): void {
  const { client } = useParts();
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => client.on("menu.command", ({ command }) => latest.current(command)), [client]);
}
