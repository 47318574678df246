/**
 * Checks the project's structure: which part and which room may import which, that no files import each other in a
 * circle, and how long a file may be.
 *
 * `deno run -A .ci/import_table.ts` prints one line for each breach, and then exits 1.
 */

import { type Edge, findCircles } from "./circles.ts";

/** The parts of the runtime, and what each may import besides itself. Any other import is a breach. */
const TABLE: Record<string, readonly string[]> = {
  core: [],
  // AMQP's properties and tables as bytes, which the broker and its clients share.
  amqp: [],
  mod: ["core"],
  discover: ["core"],
  topology: ["core"],
  deploy: ["core", "app", "discover", "topology"],
  dispatch: ["core"],
  // A function's process gives `hopper` (mod) to the files it loads.
  host: ["core", "mod", "amqp"],
  http: ["core"],
  observe: ["core", "amqp", "http"],
  gateway: ["core", "http"],
  link: ["core", "amqp"],
  // Databases that replicas share.
  stores: ["core"],
  // OpenTelemetry, for the spans of the runtime and of clients.
  trace: ["core"],
  client: ["core", "link", "amqp", "trace"],
  // The broker shares only the codec with the other parts, so that every test against it really uses the wire.
  broker: ["amqp"],
  app: [
    "mod",
    "core",
    "amqp",
    "http",
    "discover",
    "topology",
    "dispatch",
    "host",
    "observe",
    "link",
    "client",
    "trace",
    "stores",
    "broker",
  ],
  testing: ["app", "mod", "core", "discover", "topology", "client", "broker"],
  // The command line also chooses how events are shown, and prints the project's version.
  cli: [
    "app",
    "mod",
    "core",
    "discover",
    "topology",
    "deploy",
    "observe",
    "gateway",
    "client",
    "broker",
    "deno.json",
  ],
  functions: ["mod"],
  "deploy.config": ["mod"],
};

/**
 * The rooms (folders) of the parts that have floors, and what each may import of its own part besides itself: other
 * rooms, and files that are in none. A file that is in no room may import any.
 */
const ROOMS: Record<string, readonly string[]> = {
  "discover/folder": [],
  "discover/check": [],
  "discover/code": ["discover/folder"],
  "dispatch/rate": [],
  "dispatch/delivery": ["dispatch/rate"],
  "dispatch/stages": ["dispatch/delivery", "dispatch/rate", "dispatch/availability"],
  "dispatch/settle": ["dispatch/delivery"],
  "dispatch/shards": ["dispatch/delivery", "dispatch/stages", "dispatch/availability"],
  "dispatch/consume": [
    "dispatch/delivery",
    "dispatch/rate",
    "dispatch/availability",
    "dispatch/circuit_breaker",
    "dispatch/hold",
  ],
  "dispatch/schedule": ["dispatch/consume", "dispatch/settle"],
  "dispatch/stream": ["dispatch/settle", "dispatch/consume"],
  "dispatch/poison": [
    "dispatch/delivery",
    "dispatch/stages",
    "dispatch/settle",
    "dispatch/consume",
    "dispatch/rate",
    "dispatch/availability",
    "dispatch/circuit_breaker",
    "dispatch/hold",
  ],
};

/** Packages that only these parts may import. */
const PACKAGES: Record<string, readonly string[]> = {
  amqplib: ["link", "client"],
  "prom-client": ["observe"],
  croner: ["core"],
  "@opentelemetry/api": ["trace"],
  "@redis/client": ["stores"],
  pg: ["stores"],
};

/**
 * Allowed circles of type imports: their files in order, joined by ", ", and the reason. There is none. A circle of
 * values is never allowed, because its files depend on which of them is loaded first.
 */
const TYPE_CIRCLES: Readonly<Record<string, string>> = {};

/** Split a file by verb at about 250 lines. Above this the check fails. */
const MAX_LINES = 400;

/** One import: a file, the line (from 1), and the file or package it names. */
export interface Import extends Edge {
  line: number;
}

/** The imports that the table does not allow, one readable line each. */
export function findBreaches(imports: readonly Omit<Import, "isType">[]): string[] {
  return imports.flatMap(({ file, line, target }) => {
    const breach = breachOf(file, target);
    return breach ? [`${file}:${line} imports "${target}"; ${breach}`] : [];
  });
}

function breachOf(file: string, target: string): string | undefined {
  const from = partOf(file);
  const allowed = TABLE[from];
  if (!allowed) return `"${from}" is not in the table of .ci/import_table.ts; add it with what it may import`;
  const packageName = target.match(/^npm:\/?((?:@[^/]+\/)?[^@/]+)/)?.[1];
  if (packageName !== undefined) {
    const users = PACKAGES[packageName];
    return !users || users.includes(from) ? undefined : `only ${list(users)} may import ${packageName}`;
  }
  if (target.includes(":")) return undefined; // Deno's own: node:buffer
  const to = partOf(target);
  if (to === from) return breachOfRoom(file, target);
  return allowed.includes(to) ? undefined : only(from, allowed);
}

function breachOfRoom(file: string, target: string): string | undefined {
  const [from, to] = [roomOf(file), roomOf(target)];
  const isInRoom = file.split("/").length > 3;
  const hasFloors = Object.keys(ROOMS).some((room) => room.startsWith(`${partOf(file)}/`));
  if (!isInRoom || !hasFloors || from === to) return undefined;
  const allowed = ROOMS[from];
  if (!allowed) {
    return `"${from}" is not among the rooms of .ci/import_table.ts; add it with what it may import`;
  }
  return allowed.includes(to) ? undefined : only(from, allowed);
}

function only(from: string, allowed: readonly string[]): string {
  return `"${from}" may import ${allowed.length ? list(allowed) : "nothing but itself"}`;
}

/** `runtime/core/body/codec.ts` belongs to core, `runtime/app.ts` to app, `functions/fib.ts` to functions. */
function partOf(file: string): string {
  const [top = "", next = ""] = file.split("/");
  return (top === "runtime" ? next : top).replace(/\.ts$/, "");
}

/** `runtime/dispatch/settle/move.ts` is in the room dispatch/settle, and `runtime/dispatch/drain.ts` is dispatch/drain. */
function roomOf(file: string): string {
  return file.split("/").slice(1, 3).join("/").replace(/\.ts$/, "");
}

function list(names: readonly string[]): string {
  return names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The files that are too long, one readable line each. */
export function findOverlong(lengths: Readonly<Record<string, number>>): string[] {
  return Object.entries(lengths)
    .filter(([file, lines]) => file.startsWith("runtime/") && lines > MAX_LINES)
    .map(([file, lines]) => `${file} has ${lines} lines, more than ${MAX_LINES}; split it by verb`);
}

/** Every TypeScript file of the parts above, relative to the project's folder. */
export function findFiles(root: string, folder = ""): string[] {
  return [...Deno.readDirSync(`${root}/${folder}`)]
    .map((entry) => ({ path: folder ? `${folder}/${entry.name}` : entry.name, entry }))
    .filter(({ path }) => /^(runtime|functions)(\/|$)|^deploy\.config\.ts$/.test(path))
    .flatMap(({ path, entry }) => {
      if (entry.isDirectory) return findFiles(root, path);
      return path.endsWith(".ts") ? [path] : [];
    })
    .sort();
}

/** What the files import, including types and dynamic imports, resolved by Deno itself. */
export async function readImports(root: string, files: readonly string[]): Promise<Import[]> {
  const base = `file://${root}/`;
  const entry = Deno.makeTempFileSync({ prefix: "hopper-imports-", suffix: ".ts" });
  Deno.writeTextFileSync(entry, files.map((file) => `import ${JSON.stringify(base + file)};\n`).join(""));
  try {
    const { modules } = await denoInfo(entry, `${root}/deno.json`);
    return modules
      .filter((module) => module.specifier.startsWith(base))
      .flatMap((module) => importsOf(module, base));
  } finally {
    Deno.removeSync(entry);
  }
}

/** The part of `deno info --json` that is used here. Its line numbers start at 0. */
interface Module {
  specifier: string;
  error?: string;
  dependencies?: { code?: Resolved; type?: Resolved }[];
}

interface Resolved {
  specifier?: string;
  span: { start: { line: number } };
}

async function denoInfo(entry: string, config: string): Promise<{ modules: Module[] }> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-npm", "--config", config, entry],
  }).output();
  if (!success) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function importsOf({ specifier, error, dependencies = [] }: Module, base: string): Import[] {
  const file = specifier.slice(base.length);
  if (error) throw new Error(`${file} cannot be read: ${error}`);
  return dependencies.flatMap(({ code, type }) => {
    const resolved = code ?? type;
    if (!resolved?.specifier) return [];
    const target = resolved.specifier.replace(base, "");
    return [{ file, line: resolved.span.start.line + 1, target, isType: code === undefined }];
  });
}

function countLines(root: string, file: string): number {
  return Deno.readTextFileSync(`${root}/${file}`).trimEnd().split("\n").length;
}

if (import.meta.main) {
  const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
  const files = findFiles(root);
  const imports = await readImports(root, files);
  const faults = [
    ...findBreaches(imports),
    ...findCircles(imports, TYPE_CIRCLES),
    ...findOverlong(Object.fromEntries(files.map((file) => [file, countLines(root, file)]))),
  ];
  for (const fault of faults) console.error(fault);
  console.log(`Import table: ${files.length} files, breaches and circles: ${faults.length}`);
  if (faults.length > 0) Deno.exitCode = 1;
}
