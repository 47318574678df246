/** Private Redis and PostgreSQL servers from Debian's packages, without systemd, which tests may stop, kill and freeze. */

import { createClient } from "@redis/client";
import pg from "pg";
import type { IdServerKind } from "../../runtime/core/ports/id_server.ts";
import { freePort } from "./ports.ts";
import { end, programPath, spawn } from "./rabbitmq_process.ts";

/** A server that this process started. */
export interface StoreNode extends AsyncDisposable {
  readonly kind: IdServerKind;
  readonly port: number;
  /** Its address with its password. */
  readonly url: string;
  start(): Promise<void>;
  /** Kills it, as a power cut would. What it has confirmed stays. */
  kill(): Promise<void>;
  /** Freezes it: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Refuses or takes whatever would write: a full Redis, a read-only PostgreSQL. */
  takesWrites(does: boolean): Promise<void>;
  /** How many ids it keeps. */
  kept(): Promise<number>;
}

/** What differs between the servers. */
interface Program {
  readonly kind: IdServerKind;
  readonly url: (port: number) => string;
  /** Makes its files, once. */
  prepare(folder: string): Promise<void>;
  command(folder: string, port: number): [program: string, args: string[]];
  /** Printed when it can be used. */
  readonly started: string;
  readonly takesWrites: StoreNode["takesWrites"] extends (does: infer Does) => infer Done
    ? (url: string, does: Does) => Done
    : never;
  kept(url: string): Promise<number>;
}

const startMs = 60_000;
const password = "s3cret";

const redis: Program = {
  kind: "redis",
  url: (port) => `redis://:${password}@127.0.0.1:${port}`,
  prepare: () => Promise.resolve(),
  command: (folder, port) => ["redis-server", [
    ...["--bind", "127.0.0.1", "--port", `${port}`, "--dir", folder, "--requirepass", password],
    // So that what it has confirmed survives a kill.
    ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
  ]],
  started: "Ready to accept connections",
  takesWrites: (url, does) =>
    withRedis(url, async (client) => void await client.configSet("maxmemory", does ? "0" : "1")),
  kept: (url) => withRedis(url, async (client) => (await client.keys("hopper:handled:*")).length),
};

const postgresql: Program = {
  kind: "postgres",
  url: (port) => `postgres://hopper:${password}@127.0.0.1:${port}/postgres`,
  async prepare(folder) {
    const passwordFile = `${folder}/password`;
    await Deno.writeTextFile(passwordFile, password);
    if (isRoot) await runToEnd("chown", ["-R", "postgres:", folder]);
    const auth = ["--auth", "scram-sha-256", "--username", "hopper", "--pwfile", passwordFile];
    await runToEnd(...asPostgres("initdb", [...auth, "--no-sync", "--pgdata", `${folder}/data`]));
  },
  command: (folder, port) =>
    asPostgres("postgres", [
      ...["-D", `${folder}/data`, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1"],
      ...["-c", "unix_socket_directories=", "-c", "shared_buffers=16MB", "-c", "logging_collector=off"],
    ]),
  started: "database system is ready to accept connections",
  takesWrites: (url, does) =>
    withPostgres(url, async (client) => {
      await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${does ? "off" : "on"}`);
      await client.query("SELECT pg_reload_conf()");
    }),
  kept: (url) =>
    withPostgres(url, async (client) => {
      const { rows } = await client.query(
        "SELECT count(*)::int AS kept FROM hopper_handled WHERE key <> ''",
      );
      return Number(rows[0]!.kept);
    }),
};

const programs: Readonly<Record<IdServerKind, Program>> = { redis, postgres: postgresql };

/** The Debian packages with the servers. */
export const storePackages: Readonly<Record<IdServerKind, string>> = {
  redis: "redis-server",
  postgres: "postgresql",
};

const isRoot = Deno.uid() === 0;

/** Whether the server is installed. */
export function isStoreInstalled(kind: IdServerKind): boolean {
  const program = kind === "redis" ? "redis-server" : binaryOf("postgres");
  return programPath().split(":").some((folder) => exists(`${folder}/${program}`)) || exists(program);
}

/** Starts a server with its own port and folder. */
export async function startStore(kind: IdServerKind): Promise<StoreNode> {
  const node = new Node(programs[kind]);
  try {
    await node.prepare();
    await node.start();
  } catch (error) {
    await node[Symbol.asyncDispose]();
    throw error;
  }
  return node;
}

class Node implements StoreNode {
  readonly kind: IdServerKind;
  readonly port = freePort();
  readonly url: string;
  readonly #program: Program;
  readonly #folder = Deno.makeTempDirSync({ prefix: "hopper-store-" });
  #server: Deno.ChildProcess | undefined;

  constructor(program: Program) {
    this.#program = program;
    this.kind = program.kind;
    this.url = program.url(this.port);
  }

  async prepare(): Promise<void> {
    await this.#program.prepare(this.#folder);
  }

  async start(): Promise<void> {
    const deadline = Date.now() + startMs;
    // After a kill the parts of PostgreSQL that are still ending keep the next one from starting.
    while (!await this.#tryToStart(deadline)) {
      if (Date.now() > deadline) throw new Error(`${this.kind} does not start:\n${this.#printed()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async kill(): Promise<void> {
    this.resume();
    const server = this.#server;
    this.#server = undefined;
    if (server) await end(server, "SIGKILL");
  }

  pause(): void {
    this.#signal("SIGSTOP");
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  takesWrites(does: boolean): Promise<void> {
    return this.#program.takesWrites(this.url, does);
  }

  kept(): Promise<number> {
    return this.#program.kept(this.url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    // Parts of PostgreSQL may still be writing.
    while (!await Deno.remove(this.#folder, { recursive: true }).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #tryToStart(deadline: number): Promise<boolean> {
    Deno.writeTextFileSync(this.#output, "");
    const [program, args] = this.#program.command(this.#folder, this.port);
    const server = spawn(program, args, { PATH: programPath(), LC_ALL: "C.UTF-8" }, this.#output);
    this.#server = server;
    let ended = false;
    server.status.then(() => ended = true);
    while (!this.#printed().includes(this.#program.started)) {
      if (ended || Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return true;
  }

  get #output(): string {
    return `${this.#folder}/output`;
  }

  #printed(): string {
    return Deno.readTextFileSync(this.#output);
  }

  #signal(signal: Deno.Signal): void {
    for (const pid of this.#processes()) {
      try {
        Deno.kill(pid, signal);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // It has ended.
      }
    }
  }

  /** The server, and the processes that it has started. */
  #processes(): number[] {
    if (this.#server === undefined) return [];
    const { pid } = this.#server;
    const parts = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((one) =>
      parentOf(one) === pid
    );
    return [pid, ...parts];
  }
}

function parentOf(pid: number): number | undefined {
  if (!Number.isInteger(pid)) return undefined;
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ")[1]);
  } catch {
    return undefined; // It has ended.
  }
}

/** PostgreSQL does not run as root. */
function asPostgres(program: string, args: string[]): [program: string, args: string[]] {
  const command = [binaryOf(program), ...args];
  if (!isRoot) return [command[0]!, args];
  const user = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"];
  return ["setpriv", [...user, "--pdeathsig", "KILL", ...command]];
}

/** Debian has the programs of each version in a folder of its own, which is not in the path. */
function binaryOf(program: string): string {
  const root = "/usr/lib/postgresql";
  if (!exists(root)) return program;
  const versions = [...Deno.readDirSync(root)].map(({ name }) => name).toSorted((a, b) =>
    Number(b) - Number(a)
  );
  return [...versions.map((version) => `${root}/${version}/bin/${program}`)].find(exists) ?? program;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

async function runToEnd(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    cwd: "/",
    env: { PATH: programPath(), LC_ALL: "C.UTF-8" },
    clearEnv: true,
    stdout: "null",
  }).output();
  if (!success) throw new Error(`${program} failed:\n${new TextDecoder().decode(stderr)}`);
}

const redisClient = (url: string) => createClient({ url });

async function withRedis<T>(
  url: string,
  work: (client: ReturnType<typeof redisClient>) => Promise<T>,
): Promise<T> {
  const client = redisClient(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

/** What is used here of pg, which brings no types. */
export interface PostgresClient {
  connect(): Promise<void>;
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
}

const { Client } = pg as unknown as { Client: new (url: string) => PostgresClient };

/** Does work with a connection to a PostgreSQL. */
export async function withPostgres<T>(url: string, work: (client: PostgresClient) => Promise<T>): Promise<T> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
