/** Private RabbitMQ nodes from Debian's `rabbitmq-server` package: as any user, without systemd. */

import type { BrokerNode } from "./broker_node.ts";
import { freePort } from "./ports.ts";
import { end, programPath, spawn } from "./rabbitmq_process.ts";
import { chosenRelease, commandIn, isInstalled, type Release } from "./rabbitmq_release.ts";

/** How {@linkcode startRabbitmq} starts a node. Everything has a default. */
export interface RabbitmqOptions {
  /** More lines of rabbitmq.conf, such as `"consumer_timeout = 5000"`. */
  conf?: string[];
  /** The content of advanced.config, for what rabbitmq.conf cannot say: `"[{rabbit, [{channel_tick_interval, 1000}]}]."` */
  advanced?: string;
  /** The AMQP port. A free one by default. */
  port?: number;
  /**
   * Enabled plugins. `rabbitmq_management` is what `withVhost` needs; it makes a restart take 14 s instead of 6.
   *
   * @default []
   */
  plugins?: string[];
  /** What the nodes of a cluster share. A single node has its own. */
  family?: Family;
  /**
   * Which RabbitMQ; only root runs one of a later Debian release.
   *
   * @default the one that the tests run on
   */
  release?: Release;
}

/** What nodes need to know each other: the place of their names, and a secret. */
export interface Family {
  epmdPort: number;
  cookie: string;
}

/** A node that this process started. Tests may stop no other RabbitMQ. */
export interface RabbitNode extends BrokerNode {
  name: string;
  /** `http://127.0.0.1:PORT`, the management API, on a node with that plugin. */
  http?: string;
  /** Runs rabbitmqctl against this node and returns what it printed. Takes about a second. */
  ctl(...args: string[]): Promise<string>;
}

// Debian's wrappers in /usr/sbin switch to the user rabbitmq. The programs behind them run as any user.
const PROGRAMS = "/usr/lib/rabbitmq/bin";
const START_TIMEOUT = 90_000;

/** Whether the RabbitMQ that the tests should run on is installed. */
export function rabbitmqInstalled(): boolean {
  return isInstalled(chosenRelease);
}

/**
 * Starts a node with its own ports, data, cookie and epmd, all below one temporary folder.
 *
 * ```ts ignore
 * await using node = await startRabbitmq({ conf: ["consumer_timeout = 5000"] });
 * await node.restart();
 * ```
 *
 * @throws Error with the end of the node's log when it does not come up
 */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<RabbitNode> {
  const node = new Node(options);
  try {
    await node.start();
  } catch (error) {
    await node[Symbol.asyncDispose]();
    throw error;
  }
  return node;
}

class Node implements RabbitNode {
  readonly port: number;
  readonly name: string;
  readonly url: string;
  readonly http?: string;
  readonly #release: Release;
  readonly #dir: string;
  readonly #env: Record<string, string>;
  readonly #epmd: Deno.ChildProcess | undefined;
  #server: Deno.ChildProcess | undefined;

  constructor(options: RabbitmqOptions) {
    const { conf = [], advanced = "[].", port = freePort(), plugins = [], family, release = chosenRelease } =
      options;
    const { epmdPort, cookie } = family ?? newFamily();
    this.#release = release;
    this.#dir = makeFolder(release);
    this.port = port;
    this.name = `hopper-${port}@localhost`;
    this.url = `amqp://guest:guest@127.0.0.1:${port}`;
    this.#env = environment(this.#dir.slice(release.root.length), this.name, freePort(), epmdPort);
    const listeners = [`listeners.tcp.1 = 127.0.0.1:${port}`];
    if (plugins.includes("rabbitmq_management")) {
      const managementPort = freePort();
      this.http = `http://127.0.0.1:${managementPort}`;
      listeners.push("management.tcp.ip = 127.0.0.1", `management.tcp.port = ${managementPort}`);
    }
    writeFiles(this.#dir, cookie, { conf: [...listeners, ...conf], advanced, plugins });
    if (family === undefined) this.#epmd = startEpmd(release, epmdPort);
  }

  async start(): Promise<void> {
    const output = `${this.#dir}/output`;
    Deno.writeTextFileSync(output, "");
    const [program, args] = commandIn(this.#release, `${PROGRAMS}/rabbitmq-server`, ["-noinput"]);
    this.#server = spawn(program, args, this.#env, output);
    let ended = false;
    this.#server.status.then(() => ended = true);
    const deadline = Date.now() + START_TIMEOUT;
    while (!Deno.readTextFileSync(output).includes("completed with")) {
      if (ended) throw new Error(`RabbitMQ on port ${this.port} ended while starting:\n${lastLines(output)}`);
      if (Date.now() > deadline) {
        throw new Error(
          `RabbitMQ on port ${this.port} is not up after ${START_TIMEOUT / 1000} s:\n${lastLines(output)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async ctl(...args: string[]): Promise<string> {
    const [program, programArgs] = commandIn(this.#release, `${PROGRAMS}/rabbitmqctl`, [
      "--quiet",
      "-n",
      this.name,
      ...args,
    ]);
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: programArgs,
      env: this.#env,
      clearEnv: true,
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    if (code !== 0) throw new Error(`rabbitmqctl ${args.join(" ")} failed:\n${text.decode(stderr)}`);
    return text.decode(stdout);
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  pause(): void {
    this.#server?.kill("SIGSTOP");
  }

  resume(): void {
    this.#server?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#epmd) await end(this.#epmd, "SIGKILL");
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server) await end(server, signal);
  }
}

function newFamily(): Family {
  return { epmdPort: freePort(), cookie: crypto.randomUUID() };
}

function startEpmd(release: Release, port: number): Deno.ChildProcess {
  const [program, args] = commandIn(release, "epmd", ["-address", "127.0.0.1", "-port", `${port}`]);
  return spawn(program, args, { PATH: programPath(), HOME: "/" });
}

/** Starts the epmd of nodes that know each other. */
export function startFamily(release = chosenRelease): Family & AsyncDisposable {
  const family = newFamily();
  const epmd = startEpmd(release, family.epmdPort);
  return { ...family, [Symbol.asyncDispose]: () => end(epmd, "SIGKILL") };
}

/** A new folder that the node can reach. */
function makeFolder({ root }: Release): string {
  const dir = root === "" ? undefined : `${root}/tmp`;
  return Deno.makeTempDirSync({ dir, prefix: "hopper-rabbitmq-" });
}

/** `dir` as the node sees it. */
function environment(dir: string, name: string, distPort: number, epmdPort: number): Record<string, string> {
  return {
    PATH: programPath(),
    LC_ALL: "C.UTF-8",
    HOME: dir,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: `${epmdPort}`,
    RABBITMQ_NODENAME: name,
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_CONFIG_FILE: `${dir}/rabbitmq.conf`,
    RABBITMQ_ADVANCED_CONFIG_FILE: `${dir}/advanced.config`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${dir}/enabled_plugins`,
    RABBITMQ_MNESIA_BASE: `${dir}/data`,
    RABBITMQ_LOG_BASE: `${dir}/log`,
    ERL_CRASH_DUMP: `${dir}/erl_crash.dump`,
    RABBITMQ_DIST_PORT: `${distPort}`,
    // Without this the start script stays the parent of the node, and signals reach only the script.
    RABBITMQ_ALLOW_INPUT: "1",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
  };
}

function writeFiles(
  dir: string,
  cookie: string,
  { conf, advanced, plugins }: Required<Pick<RabbitmqOptions, "conf" | "advanced" | "plugins">>,
): void {
  Deno.writeTextFileSync(`${dir}/.erlang.cookie`, cookie, { mode: 0o400 });
  Deno.writeTextFileSync(`${dir}/rabbitmq.conf`, conf.map((line) => `${line}\n`).join(""));
  Deno.writeTextFileSync(`${dir}/advanced.config`, `${advanced}\n`);
  Deno.writeTextFileSync(`${dir}/enabled_plugins`, `[${plugins.join(",")}].\n`);
}

function lastLines(path: string): string {
  return Deno.readTextFileSync(path).trimEnd().split("\n").slice(-20).join("\n");
}
