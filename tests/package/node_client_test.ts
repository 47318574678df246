/** The client in Node programs, on both brokers, and in Bun's: the package's `@hopper/hopper/client`. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import * as esbuild from "esbuild";
import ts from "typescript";
import { startTestBroker } from "../../runtime/testing.ts";
import { connectBroker } from "../support/amqp.ts";
import { startHopper } from "../support/hopper.ts";
import { hasNode, type Machine, nodeMachine, packed } from "../support/machine.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";

const rabbitmq = await rabbitmqForTests();
const node = await hasNode();

const embedded = { name: "the embedded broker", ignore: !node, open: () => startTestBroker() };
const cases = [
  { ...embedded, runs: "node" },
  { name: "RabbitMQ", ignore: !node || !rabbitmq, open: () => withVhost(rabbitmq!), runs: "node" },
  { ...embedded, runs: "bun" },
] as const;
const called = { node: "Node", bun: "Bun" } as const;

const functions = {
  sum: `import { rpc } from "hopper";
    export default rpc("sum", (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0));`,
  fails: `import { rpc, RpcError } from "hopper";
    export default rpc("fails", (item: string) => {
      throw new RpcError("NO_SUCH_ITEM", { detail: \`No item '\${item}'\`, data: { item } });
    });`,
  waits: `import { rpc } from "hopper";
    export default rpc("waits", (ms: number, { signal, log }) => new Promise((resolve) => {
      log.info("waiting");
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => clearTimeout(timer));
    }));`,
};

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A program that runs the test's commands, in Node or in Bun. */
class ClientProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(runs: "node" | "bun", folder: string) {
    this.#child = new Deno.Command(runs === "node" ? runs : join(folder, "node_modules/.bin", runs), {
      args: [join(folder, "client_program.mjs")],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Runs a command, and returns its result. */
  async do(...what: unknown[]): Promise<Record<string, unknown>> {
    await this.begin(...what);
    return await this.next();
  }

  async begin(...what: unknown[]): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
  }

  async next(): Promise<Record<string, unknown>> {
    while (!this.#rest.includes("\n")) {
      const { done, value } = await this.#lines.read();
      if (done) throw new Error("The program has ended");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }

  /** Ends the program's input: then it exits if the client keeps nothing open. */
  async ended(): Promise<number> {
    await this.#writer.close();
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#lines.cancel();
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }
}

let machine: Machine;

if (node) {
  Deno.test.beforeAll(async () => {
    await using made = await packed();
    machine = await nodeMachine(made);
    await Deno.copyFile(source("client_program.mjs"), join(machine.folder, "client_program.mjs"));
    const bun = await machine.run(".", "npm", "install", "--no-audit", "--no-fund", "bun@1.4.5");
    assert.equal(bun.code, 0, bun.stderr);
  });
  Deno.test.afterAll(async () => await machine[Symbol.asyncDispose]());
}

for (const { name, ignore, open, runs } of cases) {
  Deno.test(
    `A ${called[runs]} program calls, sends and publishes over ${name}, and errors are typed`,
    { ignore },
    async () => {
      await using broker = await open();
      await using hopper = await startHopper({ functions, broker: broker.url });
      await using amqp = await connectBroker(broker.url);
      await amqp.channel.assertQueue("tasks");
      await amqp.channel.assertExchange("logs", "fanout");
      await amqp.channel.bindQueue("tasks", "logs", "");
      await using program = new ClientProgram(runs, machine.folder);

      assert.deepEqual(await program.do("connect", broker.url), { value: "connected" });
      assert.deepEqual(await program.do("call", "sum", [1, 2, 3]), { value: 6 });
      await hopper.event("handled", { function: "sum" });
      assert.deepEqual(await program.do("send", "tasks", { id: 1 }, { headers: { from: runs } }), {});
      const sent = await amqp.next("tasks");
      assert.deepEqual([`${sent.content}`, sent.properties.headers?.from], ['{"id":1}', runs]);
      assert.deepEqual(await program.do("publish", "logs", "", "Disk is full"), {});
      assert.equal(`${(await amqp.next("tasks")).content}`, "Disk is full");

      const { is, code, message, data } = await program.do("call", "fails", "bolt");
      assert.deepEqual({ is, code, message, data }, {
        is: ["HopperError", "RpcError"],
        code: "NO_SUCH_ITEM",
        message: "No item 'bolt'",
        data: { item: "bolt" },
      });
      const refused = async (...what: unknown[]) => (await program.do(...what)).code;
      assert.equal(await refused("call", "nobody", 1), "NO_SUCH_FUNCTION");
      assert.equal(await refused("send", "nowhere", 1), "UNROUTABLE");
      assert.equal(await refused("call", "waits", 60_000, { timeout: 300 }), "CALL_TIMEOUT");
      assert.match(String((await program.do("send", "tasks", 1, { hedaers: {} })).message), /'hedaers'/);

      assert.deepEqual(await program.do("dispose"), {});
      assert.equal(await program.ended(), 0, "nothing keeps the program from ending");
    },
  );

  Deno.test(
    `A ${called[runs]} program's client reconnects by itself after ${name} was away`,
    { ignore },
    async () => {
      await using broker = await open();
      await using hopper = await startHopper({ functions, broker: broker.url });
      await using proxy = new TcpProxy(Number(new URL(broker.url).port || 5672));
      await using program = new ClientProgram(runs, machine.folder);

      await program.do("connect", proxy.via(broker.url));
      assert.deepEqual(await program.do("call", "sum", [1]), { value: 1 });
      await program.begin("call", "waits", 60_000);
      await hopper.said("waits", "waiting");
      proxy.cut();
      assert.equal((await program.next()).code, "CONNECTION_LOST");
      proxy.heal();
      assert.deepEqual(await program.do("call", "sum", [2]), { value: 2 });
    },
  );
}

Deno.test("A TypeScript program for Node type-checks with the package's declarations, and runs", {
  ignore: !node,
}, async () => {
  await using broker = await startTestBroker();
  await using _hopper = await startHopper({ functions, broker: broker.url });
  const file = join(machine.folder, "client_typed.mts");
  const text = await Deno.readTextFile(source("client_typed.ts"));
  await Deno.writeTextFile(file, `declare const process: { argv: string[] };\n${text}`);

  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
    types: [],
  });
  const faults = ts.getPreEmitDiagnostics(program).map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, "\n")
  );
  assert.deepEqual(faults, []);

  // Node 20 does not know `await using`.
  const { code } = await esbuild.transform(text, { loader: "ts", target: "node20" });
  await esbuild.stop();
  await Deno.writeTextFile(join(machine.folder, "client_typed.mjs"), code);
  const ran = await machine.run(".", "node", "client_typed.mjs", broker.url);
  assert.deepEqual([ran.code, ran.stdout], [0, "6 NO_SUCH_FUNCTION\n"], ran.stderr);
});
