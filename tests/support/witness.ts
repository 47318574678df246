/** Harmful functions, and a witness function beside them that must not be affected. */

import assert from "node:assert/strict";
import { type Client, connect } from "../../runtime/client/mod.ts";
import type { Config } from "../../runtime/core/api/options.ts";
import { RpcError } from "../../runtime/mod.ts";
import type { Broker } from "./amqp.ts";
import { runApp, type TestApp } from "./app.ts";

/** Sources by name. */
export type Functions = Readonly<Record<string, string>>;

/** Running functions, a client, and a witness. */
export interface Witnessed extends AsyncDisposable {
  readonly app: TestApp;
  readonly broker: Broker;
  readonly client: Client;
  /** The error that an rpc replies with. */
  refused(name: string, input?: unknown): Promise<RpcError>;
  /** Calls the witness, and returns how many milliseconds it took. */
  answers(): Promise<number>;
  /** Calls the witness until the work is done. Returns the work's result and the sorted times of the calls. */
  answersDuring<T>(work: Promise<T>): Promise<{ result: T; times: number[] }>;
}

const witness = `export default rpc("witness", (n: number) => n + 1);`;

/** Starts functions and a witness. */
export async function startWitnessed(
  broker: Broker,
  functions: Functions,
  config: Config = {},
): Promise<Witnessed> {
  await using stack = new AsyncDisposableStack();
  const app = stack.use(
    await runApp({ functions: { ...functions, witness }, broker, config, isolate: "process" }),
  );
  const client = stack.use(await connect(broker.url));
  const answers = async () => {
    const began = performance.now();
    assert.equal(await client.call("witness", 1), 2);
    return performance.now() - began;
  };
  await answers();
  const owned = stack.move();
  return {
    app,
    broker,
    client,
    answers,
    async refused(name, input) {
      const error = await client.call(name, input).then((reply) => reply, (error) => error);
      assert.ok(error instanceof RpcError, `${JSON.stringify(input)} was answered: ${JSON.stringify(error)}`);
      return error;
    },
    async answersDuring(work) {
      let isDone = false;
      const done = work.finally(() => isDone = true);
      // It is awaited at the end.
      done.catch(() => {});
      const times: number[] = [];
      while (!isDone) times.push(await answers());
      return { result: await done, times: times.sort((a, b) => a - b) };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
