import type { Environment } from "../../app/cli/environment.ts";
import { runCli } from "../../app/cli/program.ts";
import type { Terminal } from "../../app/cli/terminal.ts";
import { FakeHost } from "../server/fake-host.ts";

export interface Recorded {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** An environment with a fake host that keeps what the command printed. */
export class RecordingEnvironment implements Environment {
  readonly host = new FakeHost();
  readonly doors: string[] = [];
  out = "";
  err = "";
  readonly terminal: Terminal;
  #interrupt: (() => void) | undefined;

  constructor(options: Partial<Pick<Terminal, "width" | "colour" | "live">> = {}) {
    this.terminal = {
      width: options.width ?? Number.POSITIVE_INFINITY,
      colour: options.colour ?? false,
      live: options.live ?? false,
      out: (text) => {
        this.out += text;
      },
      err: (text) => {
        this.err += text;
      },
    };
  }

  readonly openHost = async (door: "desktop" | "browser"): Promise<FakeHost> => {
    this.doors.push(door);
    return this.host;
  };

  readonly onInterrupt = (listener: () => void): (() => void) => {
    this.#interrupt = listener;
    return () => {
      this.#interrupt = undefined;
    };
  };

  /** Ctrl-C. */
  interrupt(): void {
    this.#interrupt?.();
  }

  async run(...args: string[]): Promise<Recorded> {
    const code = await runCli(args, this);
    return { code, out: this.out, err: this.err };
  }
}
