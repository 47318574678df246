/**
 * Runs a runtime. It prints `{"ready": ms}` when all functions are attached, and `{"handled": ms}` when this many
 * messages have been handled, counted from the end of the warm-up. SIGTERM ends it.
 */

import { startApp } from "../../../runtime/app.ts";
import { openAdmin } from "../../../runtime/cli/run_admin.ts";
import { startBroker } from "../../../runtime/broker/mod.ts";
import { createEvents } from "../../../runtime/core/ports/events.ts";
import type { Config, PermissionOptions } from "../../../runtime/core/api/options.ts";

/** The options of the runtime. */
export interface RuntimeOptions {
  readonly functions: string;
  /**
   * The broker's URL. Without it the runtime runs the embedded broker in its own process, as `hopper run` does, with
   * its data here.
   */
  readonly broker?: string;
  readonly data?: string;
  /** The folder for remembered declarations. */
  readonly memory?: string;
  readonly isolate?: "process" | "inline";
  /** What the operator lets functions ask for. */
  readonly permissions?: PermissionOptions;
  /** How many messages are measured, and how many are handled before as a warm-up. */
  readonly count?: number;
  readonly warmup?: number;
  /** Whether the admin API runs with all that it keeps: runs, figures, metrics. Its page's address is printed as `{"page": …}`. */
  readonly admin?: boolean;
}

const {
  functions,
  broker,
  data,
  memory,
  isolate = "process",
  permissions,
  count = 0,
  warmup = 0,
  admin = false,
} = JSON
  .parse(
    Deno.args[0]!,
  ) as RuntimeOptions;
const config: Config = { functions: { "*": { isolate, permissions } } };
const remembering = memory === undefined ? {} : { data: memory, release: "bench" };
const started = performance.now();
const embedded = broker === undefined ? await startBroker({ port: 0, data }) : undefined;
const events = createEvents();
let handled = 0;
let from = 0;
events.on(({ event }) => {
  if (event !== "handled") return;
  handled++;
  if (handled === warmup) from = performance.now();
  if (handled === warmup + count) say({ handled: performance.now() - from });
});
const observed = admin
  ? openAdmin({
    flags: { admin: "127.0.0.1:0" },
    health: { missing: () => [], paused: () => [], unrouted: () => [] },
    events,
    data: `${functions}/.hopper`,
    version: "bench",
    config,
    watches: true,
  })
  : undefined;
const app = await startApp({ functions, broker: broker ?? embedded!.url, config, events, ...remembering });
await app.ready;
observed?.serve(app.operations);
if (observed) say({ page: observed.page! });
say({ ready: performance.now() - started });
Deno.addSignalListener("SIGTERM", async () => {
  await app.stop();
  await observed?.close();
  await embedded?.close();
  Deno.exit(0);
});

function say(figures: Record<string, number | string>): void {
  console.log(JSON.stringify(figures));
}
