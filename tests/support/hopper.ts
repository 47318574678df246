/** The runtime and its commands as a user runs them: in their own processes, watched by their output. */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Exit, Program, type ProgramOptions, run, start } from "./process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** One line of `--log json`. */
export interface LogLine {
  time: string;
  level: string;
  event: string;
  function?: string;
  message?: string;
  [field: string]: unknown;
}

/** Selects log lines: by fields that must be equal, or by a predicate. */
export type LineMatch = Record<string, unknown> | ((line: LogLine) => boolean);

/** What {@linkcode startHopper} starts. */
export interface HopperOptions {
  /** A folder, or sources by name: `{ fib: "export default …", "billing/charge": "…" }`. */
  functions: string | Record<string, string>;
  /** The broker's URL. */
  broker: string;
  /** Source of deploy.config.ts. */
  config?: string;
  /** More files of the project, by their paths: `{ "deno.json": "{}" }`. */
  files?: Record<string, string>;
  /** More arguments. `--admin HOST:PORT` replaces the default `--no-admin`. */
  args?: string[];
  env?: Record<string, string>;
  /** Serves the admin API at its default address, instead of not serving it. */
  defaultAdmin?: boolean;
}

/** A running runtime. It is stopped, and its folder is removed, when it goes out of scope. */
export class Hopper extends Program {
  /** The folder in which the runtime was started. Its functions are in `functions/`. */
  readonly dir: string;
  readonly #counts = new Map<string, number>();

  constructor(args: string[], options: ProgramOptions & { cwd: string }) {
    super(Deno.execPath(), args, options);
    this.dir = options.cwd;
  }

  /** The first matching log line of this event, past or future. */
  async event(event: string, match: LineMatch = {}, options: { timeout?: number } = {}): Promise<LogLine> {
    const [line] = await this.events(event, 1, match, options);
    return line!;
  }

  /** The first `count` matching log lines of this event, past or future. */
  async events(
    event: string,
    count: number,
    match: LineMatch = {},
    options: { timeout?: number } = {},
  ): Promise<LogLine[]> {
    const wanted = (text: string) => {
      const line = parseLine(text);
      return line?.event === event && fits(line, match);
    };
    // Shown when the wait for it fails.
    wanted.toString = () => `event "${event}" ${typeof match === "function" ? match : JSON.stringify(match)}`;
    return (await this.lines(wanted, count, options)).map((text) => parseLine(text)!);
  }

  /** Waits until events of these kinds were logged `count` times more. */
  async further(events: readonly string[], count: number, options: { timeout?: number } = {}): Promise<void> {
    const wanted = (text: string) => events.includes(parseLine(text)?.event ?? "");
    wanted.toString = () => `events ${events.join(", ")}`;
    await this.furtherLines(wanted, count, options);
  }

  /** Waits until a function has logged (`ctx.log`) a message that contains `text`. */
  async said(name: string, text: string, options: { timeout?: number } = {}): Promise<LogLine> {
    return await this.event("log", said(name, text), options);
  }

  /** Whether a function has logged a message that contains `text` so far. */
  hasSaid(name: string, text: string): boolean {
    return this.logged("log", said(name, text)).length > 0;
  }

  /** The log lines of this event so far. */
  logged(event: string, match: LineMatch = {}): LogLine[] {
    return this.output.map(parseLine).filter((line): line is LogLine =>
      line?.event === event && fits(line, match)
    );
  }

  /** How often an event was logged so far, including lines that are no longer kept. */
  count(event: string): number {
    return this.#counts.get(event) ?? 0;
  }

  /** Writes a function file while the runtime runs. */
  async write(name: string, source: string): Promise<void> {
    await writeFunctions(this.dir, { [name]: source });
  }

  /** Asks the runtime to stop, and waits for its end. */
  async stop(): Promise<Exit> {
    this.signal("SIGTERM");
    return await this.exit();
  }

  protected override heard(line: string): void {
    super.heard(line);
    const event = parseLine(line)?.event;
    if (event !== undefined) this.#counts.set(event, this.count(event) + 1);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/**
 * Starts the runtime and waits until every function listens.
 *
 * ```ts ignore
 * await using hopper = await startHopper({
 *   functions: { echo: `import { rpc } from "hopper"; export default rpc("echo", (x: unknown) => x);` },
 *   broker: vhost.url,
 * });
 * await hopper.event("handled", { function: "echo" });
 * ```
 */
export async function startHopper(options: HopperOptions): Promise<Hopper> {
  const hopper = await spawnHopper(options);
  try {
    await hopper.event("ready");
    return hopper;
  } catch (error) {
    await hopper[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts the runtime without waiting, for tests about its start. */
export async function spawnHopper(options: HopperOptions): Promise<Hopper> {
  const { functions, broker, config, files = {}, args = [], env, defaultAdmin = false } = options;
  const dir = await Deno.makeTempDir({ prefix: "hopper-test-" });
  if (typeof functions !== "string") await writeFunctions(dir, functions);
  if (config !== undefined) await Deno.writeTextFile(`${dir}/deploy.config.ts`, config);
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${dir}/${name}`), { recursive: true });
    await Deno.writeTextFile(`${dir}/${name}`, text);
  }
  const folder = typeof functions === "string" ? new URL(functions, `file://${ROOT}`).pathname : "functions";
  const admin = defaultAdmin || args.includes("--admin") ? [] : ["--no-admin"];
  return new Hopper(
    cli("run", "--functions", folder, "--broker", broker, "--log", "json", ...admin, ...args),
    { cwd: dir, env: { ...env, NO_COLOR: "1" } },
  );
}

/** Runs one command to its end: `hopperCommand(["call", "rpc_queue", "30"], { broker: vhost.url })`. */
export async function hopperCommand(
  args: string[],
  { broker, ...options }: ProgramOptions & { broker?: string },
): Promise<Exit> {
  const env = { ...options.env, NO_COLOR: "1", ...broker ? { AMQP_URL: broker } : {} };
  return await run(Deno.execPath(), cli(...args), { ...options, env });
}

/** Starts a command that keeps running, such as `broker`, or `run` without a broker's URL in its environment. */
export function startCommand(args: string[], options: ProgramOptions): Program {
  const unset = ["AMQP_URL", "RABBITMQ_URL", "CLOUDAMQP_URL"].filter((name) =>
    !(name in (options.env ?? {}))
  );
  const env = { ...options.env, NO_COLOR: "1" };
  return start("/usr/bin/env", [...unset.flatMap((name) => ["-u", name]), Deno.execPath(), ...cli(...args)], {
    ...options,
    env,
  });
}

/**
 * Deno's arguments to run a command. The import map in the project's deno.json makes `import … from "hopper"` work in
 * any folder.
 */
export function cli(...args: string[]): string[] {
  return ["run", "-A", "--config", `${ROOT}deno.json`, `${ROOT}runtime/cli/main.ts`, ...args];
}

async function writeFunctions(dir: string, functions: Record<string, string>): Promise<void> {
  for (const [name, source] of Object.entries(functions)) {
    const path = `${dir}/functions/${/\.[a-z]+$/.test(name) ? name : `${name}.ts`}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, source);
  }
}

function said(name: string, text: string): LineMatch {
  const match = (line: LogLine) => line.function === name && line.message?.includes(text) === true;
  // Shown when the wait for it fails.
  match.toString = () => `of "${name}" with "${text}"`;
  return match;
}

function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fits(line: LogLine, match: LineMatch): boolean {
  if (typeof match === "function") return match(line);
  return Object.entries(match).every(([field, value]) => line[field] === value);
}
