/** `onExhausted` is called once for a message after its last attempt, before the message is in the dead letters. */

import assert from "node:assert/strict";
import { queue, Reject, rpc } from "../../runtime/mod.ts";
import { runApp } from "../support/app.ts";
import { delivery } from "../support/delivery.ts";
import { problems } from "../support/declared.ts";
import { startHopper } from "../support/hopper.ts";
import { served } from "../support/served.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** A function that fails, and whose hook sends what it gets to the queue `told`. */
const failing = (options: string, handler: string) => `
  export default queue("orders", { ${options}, setup: () => ({ made: "once" }),
    onExhausted: async (message, error, { attempt, state, signal, send, message: { id, headers }, log }) => {
      log("exhausted");
      const shown = message instanceof Uint8Array ? "bytes" : message;
      await send("told", [shown, String(error), attempt, state, signal.aborted, id, headers.mine]);
    } }, ${handler});`;

for (const isolate of ["process", "inline"] as const) {
  const where = isolate === "inline" ? "inline" : "in a process";

  testOnBroker(
    `The hook onExhausted is called after the last run, with the message, the error and the handler's context (${where})`,
    async ({ broker }) => {
      await broker.channel.assertQueue("told");
      await using app = await runApp({
        functions: {
          orders: failing("retry: { attempts: 2, delay: 1 }", `() => { throw new TypeError("No stock"); }`),
        },
        isolate,
        broker,
      });
      await broker.send("orders", `{"id":7}`, { messageId: "m7", headers: { mine: "yes" } });
      await app.event("dead-lettered");
      const told = JSON.parse((await broker.next("told")).content.toString());
      assert.deepEqual(told, [{ id: 7 }, "TypeError: No stock", 2, { made: "once" }, false, "m7", "yes"]);
      assert.deepEqual(app.said("orders"), ["exhausted"]);
      assert.equal(await broker.waiting("orders.dead"), 1);
    },
  );

  testOnBroker(
    `The hook onExhausted is called for a Reject, an invalid input, a body that is not JSON, and a nack (${where})`,
    async ({ broker }) => {
      await broker.channel.assertQueue("told");
      const input = `{ "~standard": { version: 1, vendor: "test", validate: (value) =>
        value === "wrong" ? { issues: [{ message: "No" }] } : { value } } }`;
      const handler = `(text, { nack }) => {
        if (text === "nack") return nack({ requeue: false });
        throw new Reject("Never");
      }`;
      await using app = await runApp({
        functions: { orders: failing(`ack: "manual", codec: "json", input: ${input}`, handler) },
        isolate,
        broker,
      });
      const errors: Record<string, unknown[]> = {};
      for (const body of [`"never"`, `"wrong"`, `{`, `"nack"`]) {
        await broker.send("orders", body);
        const [message, error] = JSON.parse((await broker.next("told")).content.toString());
        errors[body] = [message, error];
      }
      await app.events("dead-lettered", 4);
      assert.deepEqual(errors, {
        '"never"': ["never", "Reject: Never"],
        '"wrong"': ["wrong", "Reject: The input does not match its schema: No"],
        "{": ["bytes", errors["{"]![1]],
        '"nack"': ["nack", "Reject: The handler gave the message up with nack({ requeue: false })"],
      });
    },
  );

  testOnBroker(
    `A message moves to the dead letters even if onExhausted throws, which is logged with its line, or times out (${where})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          throws: `export default queue("throws", { onExhausted: () => {
            throw new Error("No mail", { cause: new Error("No route") });
          } }, () => { throw new Error("No stock"); });`,
          late: `export default queue("late", { timeout: 100, onExhausted: (_, __, { signal, log }) =>
            new Promise((resolve) => signal.addEventListener("abort", () => resolve(log("aborted")))) },
            () => { throw new Error("No stock"); });`,
        },
        isolate,
        broker,
      });
      await broker.send("throws", "1");
      await broker.send("late", "1");
      const { error } = await app.event("dead-lettered", { function: "throws" });
      assert.equal(error, "Error: No stock");
      const [thrown] = app.seen("log", { function: "throws", level: "error" });
      assert.match(
        thrown!.message,
        /^onExhausted failed: Error: No mail; caused by Error: No route \(.*throws\.ts:11:\d+\)$/,
      );
      await app.event("dead-lettered", { function: "late" });
      const { message } = await app.event("log", { function: "late", level: "error" });
      assert.match(message, /^onExhausted failed: .*The run took longer than \d+ ms/);
      await app.event("log", { function: "late", message: "aborted" });
    },
  );
}

testOnBroker(
  "If the runs of a message end their processes, onExhausted is called in another one, and its end of a process is logged",
  async ({ broker }) => {
    await broker.channel.assertQueue("told");
    await using app = await runApp({
      functions: {
        orders: failing("retry: { attempts: 2, delay: 1 }", `() => Deno.exit(3)`),
        exits:
          `export default queue("exits", { onExhausted: () => Deno.exit(4) }, () => { throw new Error("No"); });`,
      },
      broker,
      isolate: "process",
    });
    await broker.send("orders", `1`);
    const [, error] = JSON.parse((await broker.next("told")).content.toString());
    assert.equal(error, "HostEnded: The function's process exited with code 3");
    await app.event("dead-lettered", { function: "orders" });

    await broker.send("exits", "1");
    await app.event("dead-lettered", { function: "exits" });
    const [log] = app.seen("log", { function: "exits", level: "error" });
    assert.equal(log!.message, "onExhausted failed: HostEnded: The function's process exited with code 4");
  },
);

testOnBroker(
  "If no process can be started for onExhausted, that is logged, and the message moves to the dead letters",
  async ({ broker }) => {
    let isDown = false;
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const was = isDown;
      isDown ||= request.url.endsWith("/down");
      return new Response(null, { status: was ? 503 : 200 });
    });
    const at = `127.0.0.1:${server.addr.port}`;
    await using app = await runApp({
      functions: {
        orders: `export default queue("orders", {
          permissions: { net: ["${at}"] },
          setup: async () => { if (!(await fetch("http://${at}/")).ok) throw new Error("It is down"); },
          onExhausted: (_, __, { log }) => log("called"),
        }, async () => { await fetch("http://${at}/down"); Deno.exit(3); });`,
      },
      broker,
      isolate: "process",
    });
    await broker.send("orders", "1");
    const { error } = await app.event("dead-lettered");
    assert.equal(error, "HostEnded: The function's process exited with code 3");
    const [log, ...more] = app.said("orders");
    assert.match(log!, /^onExhausted failed: SetupFailed: .*Error: It is down/);
    assert.deepEqual(more, []);
  },
);

testOnBroker(
  "If the runtime is killed after onExhausted was called and before the message moves, it is called again, and no message is lost",
  async ({ broker }) => {
    const functions = {
      orders: `import { queue } from "hopper";
        export default queue("orders", { retry: false, onExhausted: async (_, error, { log, call }) => {
          log("called: " + error.message);
          await call("gate");
        } }, () => { throw new Error("No stock"); });`,
    };
    await broker.occupy("gate");
    {
      await using killed = await startHopper({ functions, broker: broker.url });
      await broker.send("orders", "1");
      await killed.said("orders", "called: No stock");
      killed.signal("SIGKILL");
      await killed.exit();
    }
    await broker.serve("gate");
    await using hopper = await startHopper({ functions, broker: broker.url });
    await hopper.said("orders", "called: No stock");
    await hopper.event("dead-lettered");
    assert.equal(await broker.waiting("orders.dead"), 1);
    assert.equal(await broker.waiting("orders"), 0);
  },
);

testOnBroker(
  "The hook onExhausted is called with 'deadLetter: false' and with 'ack: \"none\"'",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        rejects: `export default queue("rejects", { deadLetter: false, onExhausted: (_, error, { log }) =>
        log(error.message) }, () => { throw new Error("No stock"); });`,
        forgets: `export default queue("forgets", { ack: "none", onExhausted: (_, error, { log }) =>
        log(error.message) }, () => { throw new Error("No stock"); });`,
      },
      broker,
    });
    for (const name of ["rejects", "forgets"]) {
      await broker.send(name, "1");
      await app.event("dropped", { function: name });
      assert.deepEqual(app.said(name), ["No stock"]);
    }
  },
);

testOnBroker("Saving a file with or without onExhausted applies at once", async ({ broker }) => {
  const throws = (options: string) => `export default queue("orders", { ${options} }, () => { throw 1; });`;
  await using app = await runApp({ functions: { orders: throws("") }, broker, watch: {} });
  await broker.send("orders", "1");
  await app.event("dead-lettered");
  await app.write("orders", throws("onExhausted: (_, error, { log }) => log(error.message)"));
  await app.event("deployed");
  await broker.send("orders", "2");
  await app.event("log", { message: "1" });
  await app.events("dead-lettered", 2);
});

/** What happens, in its order. */
const noting = (calls: string[]) =>
  queue("orders", {
    retry: false,
    onExhausted: (message, error, { attempt }) => {
      calls.push(`${message} ${error.message} ${attempt}`);
    },
  }, (text: string) => {
    calls.push(`handler ${text}`);
    throw new Reject("No");
  });

Deno.test("The hook onExhausted returns before the message is published to the dead letters, and that is before the ack", async () => {
  const calls: string[] = [];
  const message = delivery({ routingKey: "orders", body: "a" });
  using function_ = served(noting(calls), {
    publish: ({ routingKey }) => Promise.resolve(void calls.push(`${routingKey} ${message.settled}`)),
  });
  await function_.run(message);
  assert.deepEqual(calls, ["handler a", "a No 1", "orders.dead undefined"]);
  assert.equal(message.settled, "ack");
});

Deno.test("The option onExhausted is refused for an rpc", () => {
  const [problem] = problems(rpc("total", { onExhausted: () => {} }, () => 1));
  assert.match(problem!.message, /'onExhausted' has no effect on an rpc: its caller gets the error/);
});
