import { spawn } from "node:child_process";
import type { LineWriter } from "../observe/line_writer.ts";
import type { RunLog } from "./run_log.ts";
import { hasKeys, type Keys, openKeys } from "./terminal/keys.ts";

/** What the keys of `hopper run` act on. */
export interface RunKeyParts {
  /** The address of the page; `undefined` if there is none. */
  readonly page: string | undefined;
  readonly log: RunLog;
  readonly terminal: LineWriter;
  /** As SIGINT. */
  readonly stop: () => void;
}

/** The line of the banner that says what keys there are. */
export const keysHint = "Keys: ? lists them";

const help = [
  "o  opens the page in a browser",
  "l  shows no more log lines here, or shows them again",
  "c  clears the terminal",
  "q  stops the runtime as Ctrl-C does: the current runs finish first; q again stops it at once",
].map((line) => `  ${line}`).join("\n");

/** Reads keys, if a person can press them here. */
export function openRunKeys({ page, log, terminal, stop }: RunKeyParts): Keys | undefined {
  if (!hasKeys()) return undefined;
  const open = async () => {
    if (page === undefined) return terminal.write("There is no page: the admin API is not served");
    if (!await opened(page)) terminal.write(`No browser could be opened here; the page is at ${page}`);
  };
  const actions: Readonly<Record<string, () => void>> = {
    o: open,
    l: () =>
      terminal.write(log.toggle() ? "Log lines are shown" : "Log lines are not shown; l shows them again"),
    // The screen and what was scrolled out of it.
    c: () => terminal.write("\x1b[2J\x1b[3J\x1b[H"),
    q: stop,
    h: () => terminal.write(help),
    "?": () => terminal.write(help),
  };
  return openKeys((key) => {
    if (Object.hasOwn(actions, key)) actions[key]!();
  });
}

/** Opens a URL with the system's own program for that. Whether it said that it did. */
function opened(url: string): Promise<boolean> {
  const program = Deno.build.os === "darwin" ? "open" : "xdg-open";
  return new Promise((resolve) => {
    // In a group of its own, as Ctrl-C is not for the browser.
    const child = spawn(program, [url], { stdio: "ignore", detached: true });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
    child.unref();
  });
}
