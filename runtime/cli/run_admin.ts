import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Address, addressText, isLoopback } from "../core/address.ts";
import { HopperError } from "../core/api/errors.ts";
import type { Config } from "../core/api/options.ts";
import type { Events } from "../core/ports/events.ts";
import { type Admin, parseAdminAddress, startAdmin } from "../observe/admin.ts";
import type { HealthReport } from "../observe/api/health.ts";
import type { Operations } from "../observe/api/operations.ts";
import { QueueWatch } from "../observe/api/queue_watch.ts";
import { createMetrics } from "../observe/metrics/mod.ts";
import { openRuns } from "../observe/runs/mod.ts";
import type { KeepPayloads } from "../observe/runs/record.ts";
import { AllStats } from "../observe/stats/all_stats.ts";
import { startHere } from "./started_as.ts";

const defaultAdmin = "127.0.0.1:8672";

/** The flags that the admin API is about. */
export interface AdminFlags {
  /** `false` after `--no-admin`; missing without either flag. */
  readonly admin?: string | false;
  readonly adminToken?: string;
}

/** What the admin API of a run is made of. */
export interface RunAdminParts {
  readonly flags: AdminFlags;
  readonly health: HealthReport;
  readonly events: Events;
  /** The folder for what survives a restart. */
  readonly data: string;
  readonly version: string;
  readonly config: Config;
  /** Whether changed files go live, as on a developer's machine. */
  readonly watches: boolean;
}

/** The admin API of a run, if it is served. */
export interface RunAdmin {
  /** What the banner says of it; `undefined` with `--no-admin`. */
  readonly shown: string | undefined;
  /** The address of the page, with its token. */
  readonly page?: string;
  readonly address?: Address;
  /** From now on it answers everything. */
  serve(operations: Operations): void;
  close(): Promise<void>;
}

/**
 * Opens the admin API. A port in use is an error if it was asked for. The default one only gives a notice: two runtimes may
 * share a machine.
 */
export function openAdmin(parts: RunAdminParts): RunAdmin {
  const { flags, events, data, version, config, watches } = parts;
  if (flags.admin === false) return notServed(undefined);
  const address = parseAdminAddress(flags.admin ?? defaultAdmin);
  const admin = start(address, parts);
  if (typeof admin === "string") {
    const shown = `not served: ${admin}; choose another with --admin HOST:PORT`;
    events.emit({ event: "notice", message: `Health is ${shown}` });
    return notServed(shown);
  }
  const url = urlOf(admin);
  const keep = keepPayloads(config, watches && isLoopback(admin.hostname));
  const runs = openRuns({ events, data, keep });
  const stats = new AllStats(events);
  const started = new Date().toISOString();
  const withdraw = publishAddress(data, { url, token: admin.token }, events);
  let running: Operations | undefined;
  const metrics = createMetrics(events, () => running, version);
  let watch: QueueWatch | undefined;
  return {
    shown: `${url}/healthz   /readyz   /metrics`,
    page: `${url}/?token=${admin.token}`,
    address: { hostname: admin.hostname, port: admin.port },
    serve(operations) {
      running = operations;
      watch = new QueueWatch(operations, events);
      const runtime = { version, started, command: startHere(Deno.cwd()) };
      admin.serve({ operations, events, runs: runs.log, stats, watch, metrics, runtime });
    },
    async close() {
      withdraw();
      watch?.close();
      stats.close();
      metrics.close();
      await admin.close();
      await runs.close();
    },
  };
}

function notServed(shown: string | undefined): RunAdmin {
  return { shown, serve: () => {}, close: () => Promise.resolve() };
}

/** The admin API, or why its default address cannot be used. */
function start(address: Address, { flags, health }: RunAdminParts): Admin | string {
  const token = flags.adminToken ?? (Deno.env.get("HOPPER_ADMIN_TOKEN") || undefined);
  try {
    return startAdmin(address, { health, token });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    const taken = `${addressText(address)} is taken by another program`;
    if (flags.admin === undefined) return taken;
    throw new HopperError("ADMIN_TAKEN", `${taken}; choose another with --admin HOST:PORT, or --no-admin`);
  }
}

// On a developer's own machine everything is there to be seen; elsewhere only what is needed to find a fault.
function keepPayloads({ keepPayloads }: Config, isDeveloping: boolean): KeepPayloads {
  return keepPayloads ?? (isDeveloping ? true : "failed");
}

/** The address for programs on this machine. */
function urlOf({ hostname, port }: Address): string {
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  return `http://${addressText({ hostname: isAny ? "127.0.0.1" : hostname, port })}`;
}

/**
 * Writes the address and the token where commands in this folder find them, for the owner of the folder only. Returns what
 * removes them again, if no other runtime has replaced them.
 */
function publishAddress(data: string, admin: { url: string; token: string }, events: Events): () => void {
  const path = join(data, "admin.json");
  const text = JSON.stringify(admin) + "\n";
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const message =
      `Commands cannot find the admin API by themselves, as '${path}' cannot be written: ${error}`;
    events.emit({ event: "notice", message });
    return () => {};
  }
  return () => {
    try {
      if (readFileSync(path, "utf8") === text) rmSync(path);
    } catch {
      // It is gone already.
    }
  };
}
