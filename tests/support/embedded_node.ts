/** The embedded broker as `hopper broker` in its own process, so that a test can kill it. */

import type { BrokerNode } from "./broker_node.ts";
import { startCommand } from "./hopper.ts";
import { freePort } from "./ports.ts";
import { type Program, start } from "./process.ts";

/** How {@linkcode startEmbeddedNode} starts a node. Everything has a default. */
export interface EmbeddedOptions {
  /** Who may connect. Default: guest, guest. */
  login?: Login;
  /** How many bytes of messages may be in memory before publishers are blocked. */
  memory?: number;
}

/** A user and a password. */
export interface Login {
  user: string;
  password: string;
}

/** An embedded broker that this process started. */
export interface EmbeddedNode extends BrokerNode {
  /** Starts the node again, with another login if one is given. */
  restart(login?: Login): Promise<void>;
}

/**
 * Starts a broker with a port and a folder of its own; some 200 ms.
 *
 * ```ts ignore
 * await using node = await startEmbeddedNode();
 * await node.kill();
 * await node.restart();
 * ```
 */
export async function startEmbeddedNode(options: EmbeddedOptions = {}): Promise<EmbeddedNode> {
  const node = new Node(options);
  try {
    await node.restart();
  } catch (error) {
    await node[Symbol.asyncDispose]();
    throw error;
  }
  return node;
}

class Node implements EmbeddedNode {
  readonly port = freePort();
  readonly #dir = Deno.makeTempDirSync({ prefix: "hopper-embedded-" });
  readonly #memory: number | undefined;
  #login: Login;
  #program: Program | undefined;

  constructor({ login = { user: "guest", password: "guest" }, memory }: EmbeddedOptions) {
    this.#login = login;
    this.#memory = memory;
  }

  get url(): string {
    const { user, password } = this.#login;
    return `amqp://${user}:${password}@127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async restart(login: Login = this.#login): Promise<void> {
    await this.stop();
    this.#login = login;
    this.#program = this.#memory === undefined ? this.#command() : this.#bounded(this.#memory);
    await this.#program.line("Listening on ");
  }

  pause(): void {
    this.#program?.signal("SIGSTOP");
  }

  resume(): void {
    this.#program?.signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } finally {
      await Deno.remove(this.#dir, { recursive: true });
    }
  }

  #command(): Program {
    const { user, password } = this.#login;
    const login = user === "guest" ? [] : ["--user", user];
    const env: Record<string, string> = user === "guest" ? {} : { HOPPER_BROKER_PASSWORD: password };
    return startCommand(["broker", "--port", `${this.port}`, "--data", this.#dir, ...login], { env });
  }

  #bounded(memory: number): Program {
    const program = new URL("bounded_broker_program.ts", import.meta.url).pathname;
    const options = { port: this.port, data: this.#dir, limits: { memory } };
    return start(Deno.execPath(), ["run", "-A", program, JSON.stringify(options)]);
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const program = this.#program;
    this.#program = undefined;
    if (program === undefined) return;
    const said = program.output.slice(1);
    if (program.ended || said.length > 0) throw new Error(`The broker was in trouble:\n${said.join("\n")}`);
    program.signal(signal);
    // A frozen process handles a signal only when it runs again.
    program.signal("SIGCONT");
    await program.exit();
  }
}
