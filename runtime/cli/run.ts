import { resolve } from "node:path";
import { Command, Option } from "commander";
import { type App, type AppOptions, startApp } from "../app.ts";
import { brokerUrl } from "../client/broker_url.ts";
import { createEvents, type LogLevel, logLevels } from "../core/ports/events.ts";
import { configPath, loadConfig } from "../discover/config.ts";
import type { LogFormat } from "../observe/log.ts";
import { banner } from "./banner.ts";
import { brokerFlag, configFlag } from "./connect.ts";
import { brokerTrouble, chooseBroker, type ChosenBroker, dataFolder } from "./embedded.ts";
import { loadEnvFiles } from "./env_file.ts";
import { exitCodes } from "./exit.ts";
import { collect, portFlag, sizeFlag } from "./flags.ts";
import { requireFolder } from "./folder.ts";
import { exposedInspector, type InspectFlags, inspectionOf, withPort } from "./inspect.ts";
import { openLogLines } from "./log_lines.ts";
import { openPrinting } from "./printing.ts";
import { type AdminFlags, openAdmin, type RunAdmin } from "./run_admin.ts";
import { openHttp, type RunHttp } from "./run_http.ts";
import { keysHint, openRunKeys } from "./run_keys.ts";
import { createRunLog } from "./run_log.ts";
import { listenForStop } from "./signals.ts";
import type { Keys } from "./terminal/keys.ts";
import { listenForUncaught } from "./uncaught.ts";
import { hopperHere } from "./try_it.ts";
import { version } from "./version.ts";

interface Flags extends InspectFlags, AdminFlags {
  readonly functions: string;
  readonly config?: string;
  readonly broker?: string;
  readonly embeddedPort: number;
  readonly embeddedMemory?: number;
  readonly http?: string;
  readonly log: LogFormat;
  readonly logLevel: LogLevel;
  readonly logFile?: string;
  readonly quiet?: boolean;
  readonly watch: boolean;
  readonly envFile?: readonly string[];
  readonly only?: readonly string[];
  readonly except?: readonly string[];
}

/** `hopper run` */
export function runCommand(): Command {
  return new Command("run")
    .description(
      "Run every function in a folder, and apply changes to its files; SIGINT or SIGTERM finishes the current runs, then exits",
    )
    .argument("[name]", "the function that --inspect or --inspect-wait is about")
    .option("--functions <dir>", "folder of function files", "functions")
    .option(...configFlag)
    .option(...brokerFlag)
    .option(
      "--embedded-port <port>",
      "port of the embedded broker, which runs if no broker is named",
      portFlag,
      5672,
    )
    .option(
      "--embedded-memory <size>",
      "publishers wait when messages take more memory than this, such as 512MB (default: 25 % of all memory, at most 2GB)",
      sizeFlag,
    )
    .option("--admin <host:port>", "address of the admin API, health and metrics (default: 127.0.0.1:8672)")
    .option(
      "--admin-token <token>",
      "whoever has it may see payloads and change things; HOPPER_ADMIN_TOKEN is not seen by others (default: a new one)",
    )
    .option("--no-admin", "serve none of them")
    .option("--http <host:port>", "open functions to HTTP at this address (default: not)")
    .option(
      "--env-file <file>",
      "variables for functions that ask for them, in the form of Deno's --env-file; may be repeated",
      collect,
    )
    .option("--only <glob>", "serve no function but these; may be repeated", collect)
    .option("--except <glob>", "do not serve these functions; may be repeated", collect)
    .option(
      "--inspect [host:port]",
      "run the function [name] under Deno's inspector, for a debugger (default: 127.0.0.1:9229); it has no timeouts then",
    )
    .option("--inspect-wait [host:port]", "the same, and load its file only when a debugger is attached")
    .option("--no-watch", "do not watch for changes: changed files need a restart")
    .addOption(
      new Option("--log <format>", "format of the log lines").choices(["text", "json"]).default("text"),
    )
    .addOption(
      new Option("--log-level <level>", "the lowest level to show").choices(logLevels).default("info"),
    )
    .option(
      "--log-file <file>",
      "add the log lines to this file, not to stdout; it is made again where logrotate or the like has moved it",
    )
    .option(
      "--quiet",
      "leave out the line of each successful run; all else stays, such as failures, retries and what functions log",
    )
    .addHelpText(
      "after",
      "\nExample:\n  AMQP_URL=amqp://guest:guest@127.0.0.1:5672 hopper run\n  hopper run --inspect orders",
    )
    .action(run);
}

async function run(name: string | undefined, flags: Flags): Promise<void> {
  const asked = inspectionOf(flags, name);
  const inspection = asked && withPort(asked);
  await requireFolder(flags.functions);
  await loadEnvFiles(flags.envFile ?? []);
  const config = await loadConfig(flags.config);
  const named = brokerUrl(Deno.env.get, { flag: flags.broker, config: config.broker });
  const { log: format, logLevel: least, logFile, quiet } = flags;
  const printing = openPrinting(format);
  const file = logFile === undefined ? undefined : await openLogLines(logFile, format, printing.err);
  let keys: Keys | undefined;
  const closeOutput = async () => {
    keys?.close();
    await file?.close();
    await printing.close();
  };
  const signals = listenForStop();
  const events = createEvents();
  const log = createRunLog(printing.out, { format, least, quiet, file: file?.lines });
  events.on(log.write);
  const away = Promise.withResolvers<undefined>();
  events.on((event) => event.event === "connecting" && away.resolve(undefined));
  const uncaught = listenForUncaught(events.emit);
  let app: App | undefined;
  let admin: RunAdmin | undefined;
  let http: RunHttp | undefined;
  let chosen: ChosenBroker | undefined;
  const missing = () => [...chosen?.missing() ?? [], ...app?.missing() ?? ["starting"]];
  try {
    const served = admin = openAdmin({
      flags,
      health: { missing, paused: () => app?.paused() ?? [], unrouted: () => app?.unrouted() ?? [] },
      events,
      data: dataFolder,
      version,
      config,
      watches: flags.watch,
    });
    chosen = await chooseBroker(named, {
      port: flags.embeddedPort,
      memory: flags.embeddedMemory,
      report: (error) => events.emit({ event: "notice", message: brokerTrouble(error) }),
    });
    const { url, source } = chosen;
    const exposed = inspection && exposedInspector(inspection);
    if (exposed) events.emit({ event: "notice", message: exposed });
    const opened = http = await openHttp({
      flag: flags.http,
      config,
      broker: url,
      functions: () => app?.serving,
      events,
      version,
    });
    app = await startApp({
      functions: resolve(flags.functions),
      selection: { only: flags.only ?? [], except: flags.except ?? [] },
      broker: url,
      config,
      admin: served.address,
      inspection,
      events,
      data: dataFolder,
      release: version,
      secret: [configPath(flags.config)],
      watch: flags.watch ? watchedConfig(flags.config) : undefined,
    });
    const { broker, catalog, ready } = app;
    served.serve(app.operations);
    const hopper = hopperHere({ ...chosen, flag: flags.broker, port: flags.embeddedPort });
    const { page, shown: health } = served;
    if (log.hasBanner) {
      keys = openRunKeys({ page, log, terminal: printing.out, stop: signals.request });
    }
    const hint = keys && keysHint;
    const show = (ms: number | undefined) =>
      log.start(() =>
        banner({
          version,
          ms,
          broker,
          source,
          page,
          health,
          http: opened.shown,
          logFile,
          hopper,
          ...catalog,
          keys: hint,
        })
      );
    // The banner also says what is wrong with the files, so it is shown even if the broker is down.
    ready.then((ms) => {
      if (ms !== undefined && !show(ms)) printing.out.write(` hopper ${version}   ready in ${ms} ms`);
    });
    away.promise.then(() => show(undefined));
    await signals.first;
    opened.stop();
    await Promise.race([app.stop(), signals.second.then(() => exitNow(closeOutput))]);
  } finally {
    await http?.close();
    await chosen?.close();
    await admin?.close();
    signals.close();
    uncaught.close();
    await closeOutput();
  }
}

function watchedConfig(file: string | undefined): AppOptions["watch"] {
  let version = 0;
  return { configFile: configPath(file), loadConfig: () => loadConfig(file, ++version) };
}

async function exitNow(closeOutput: () => Promise<void>): Promise<never> {
  await closeOutput();
  Deno.exit(exitCodes.failed);
}
