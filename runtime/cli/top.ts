import { setTimeout as wait } from "node:timers/promises";
import { Command } from "commander";
import { HopperError } from "../core/api/errors.ts";
import type { FunctionsView } from "../observe/api/views.ts";
import type { AdminClient } from "./admin/client.ts";
import { functionStates, topScreen } from "./admin/top_text.ts";
import { adminFlag, adminOf, printJson, type RuntimeFlags } from "./admin/open.ts";
import { hasKeys, openKeys } from "./terminal/keys.ts";
import { write } from "./output.ts";
import { listenForStop } from "./signals.ts";

type Flags = RuntimeFlags & { readonly json?: boolean };

/** `hopper top` */
export function topCommand(): Command {
  return new Command("top")
    .description(
      "Show what the functions of a running runtime do: a table that is drawn anew each second until q; once, where " +
        "stdout is no terminal",
    )
    .option("--json", "print the API's JSON once")
    .option(...adminFlag)
    .addHelpText("after", "\nExample:\n  hopper top\n  hopper top | grep -v running")
    .action(top);
}

async function top(flags: Flags): Promise<void> {
  using admin = await adminOf(flags);
  const view = await admin.get<FunctionsView>("/api/functions");
  if (flags.json) return printJson(view);
  if (!Deno.stdout.isTerminal()) return console.log(functionStates(view));
  await live(admin, view);
}

const everyMs = 1_000;

const clear = "\x1b[2J";

/** Draws until `q`, Ctrl-C or a signal. */
async function live(admin: AdminClient, first: FunctionsView): Promise<void> {
  const stop = new AbortController();
  const signals = listenForStop();
  signals.first.then(() => stop.abort());
  const keys = hasKeys() ? openKeys((key) => key === "q" && stop.abort()) : undefined;
  write(clear);
  try {
    let view = first;
    const hint = `${keys === undefined ? "Ctrl-C" : "q"} quits`;
    let lastLine = hint;
    while (!stop.signal.aborted) {
      write(topScreen(view, lastLine, Deno.consoleSize()));
      await wait(everyMs, undefined, stop).catch(() => {});
      try {
        view = await admin.get<FunctionsView>("/api/functions");
        lastLine = hint;
      } catch (error) {
        if (!(error instanceof HopperError)) throw error;
        lastLine = `! ${error.message}`;
      }
    }
  } finally {
    write("\r\n");
    keys?.close();
    signals.close();
  }
}
