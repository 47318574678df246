/** Functions that attack the connection between their process and the runtime: they harm only themselves. */

import assert from "node:assert/strict";
import { startWitnessed } from "../support/witness.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const pipe = import.meta.resolve("../../runtime/host/wire/pipe.ts");

/** What a handler patches in the code that sends its result. */
const patches: Record<string, string> = {
  "what JSON is": `JSON.stringify = () => "{]";`,
  "JSON to what is endless": `JSON.stringify = () => "[".repeat(2 ** 19);`,
  "arrays":
    `Object.defineProperty(Array.prototype, 0, { get: () => 7, set() {} }); Array.prototype.map = () => [];`,
  "bytes": `Uint8Array.prototype.set = function () { this.fill(255); };`,
  "views of bytes": `Uint8Array.prototype.subarray = () => new Uint8Array(9).fill(255);`,
  "what objects have": `Object.defineProperty(Object.prototype, "kind", { get: () => "retry", set() {} });`,
  "ticks": `process.nextTick = () => {};`,
  "turns": `globalThis.setImmediate = () => {};`,
  "the connection": `(await import("${pipe}")).FramePipe.prototype.send = () => {};`,
  "when it closes": `(await import("${pipe}")).FramePipe.prototype.send = function () { this.close(); };`,
};

testOnBroker("A handler that patches built-in functions harms only its own process", async ({ broker }) => {
  const cases = Object.entries(patches).map(([name, patch]) =>
    `${JSON.stringify(name)}: async () => { ${patch} }`
  );
  await using to = await startWitnessed(broker, {
    patches: `const patches: Record<string, () => Promise<void>> = { ${cases.join(",\n")} };
      export default rpc("patches", { timeout: 200 }, async (name: string) => {
        await patches[name]?.();
        return { name };
      });`,
  });

  for (const name of Object.keys(patches)) {
    // The reply may be an answer, an error or nonsense, because it is the function's own.
    await to.client.call("patches", name).catch(() => {});
    await to.answers();
  }
  // The last process can no longer send anything, which shows at its next run.
  await to.client.call("patches", "none").catch(() => {});
  assert.deepEqual(await to.client.call("patches", "none"), { name: "none" });
  assert.ok(to.app.seen("host-ended", { function: "patches" }).length > 0);
  assert.equal(to.app.seen("host-ended", { function: "witness" }).length, 0);
});

testOnBroker(
  "Unexpected and malformed frames from a process do not affect other functions",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      forges: `export default rpc("forges", async (_, { log }) => {
        const { FramePipe } = await import("${pipe}");
        const { send } = FramePipe.prototype;
        let pipe: InstanceType<typeof FramePipe> | undefined;
        FramePipe.prototype.send = function (...args: unknown[]) { pipe = this; send.apply(this, args); };
        log("finds the pipe");
        const heads = [undefined, null, 5, "x", [], {}, ["info"], ["info", 5], ["loud", "x"], "ack", { kind: "failed" }];
        for (let kind = 0; kind < 256; kind++) {
          for (const head of heads) {
            // Not its own run, whose number is small, and not the frame that ends a process.
            if (kind !== 8) for (const id of [0, 1000, 2 ** 32 - 1]) send.call(pipe!, kind, id, head, new Uint8Array(3));
          }
        }
        return "done";
      });`,
    });

    const { result } = await to.answersDuring(to.client.call("forges"));
    assert.equal(result, "done");
    assert.equal(to.app.seen("host-ended").length, 0);
  },
);

testOnBroker(
  "Anything that a function logs becomes one log line of limited length",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      logs: `export default rpc("logs", (_, { log }) => {
      const circle: Record<string, unknown> = {};
      circle.self = circle;
      log("circle", circle);
      log("odd", { big: 1n, symbol: Symbol("s"), call: () => 1, nothing: undefined, date: new Date(0) });
      log("long " + "x".repeat(1e6));
      log("large", { text: "x".repeat(2e6) });
      log("two\\nlines");
      log(5 as never);
      console.log("long", "y".repeat(1e6));
      log("last");
    });`,
    });

    await to.client.call("logs");
    await to.app.event("log", { function: "logs", message: "last" });
    const lines = to.app.seen("log", { function: "logs" });
    const of = (start: string) => lines.find(({ message }) => message.startsWith(start))!;

    assert.deepEqual(of("circle").data, { self: "(circular)" });
    assert.equal(of("odd").data!.big, "1");
    assert.equal(of("long x").message.length, 8 * 1024);
    assert.deepEqual(of("large").data, { text: "x".repeat(8 * 1024) + "…" });
    assert.equal(of("two").message, "two\nlines");
    assert.equal(of("5").message, "5");
    assert.equal(of("long y").message.length, 8 * 1024);
  },
);

testOnBroker(
  "A reply or a message that is too long for a frame is an error, and its process keeps running",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      long: `export default rpc("long", { memory: "512MB" }, async (what: string, { send }) => {
      const body = new Uint8Array(129 * 2 ** 20);
      if (what === "reply") return body;
      if (what === "data") throw new RpcError("LARGE", { data: "x".repeat(2e6) });
      await send("anywhere", body);
    });`,
    });

    for (const what of ["reply", "question"]) {
      const { message } = await to.refused("long", what);
      assert.match(
        message,
        /FrameTooLong: A body of 135266304 bytes is too long: expected at most 134217728/,
        what,
      );
    }
    assert.match(
      (await to.refused("long", "data")).message,
      /FrameTooLong: The part of a message besides its body is too long/,
    );
    await to.answers();
    assert.equal(to.app.seen("host-ended").length, 0);
  },
);

testOnBroker(
  "A function that sends 100,000 messages at once gets an error for those beyond the limit, and delays no other",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      sends: `export default rpc("sends", { memory: "512MB" }, async (count: number, { send }) => {
      const sent = await Promise.allSettled(Array.from({ length: count }, () => send("sink", "x")));
      const refused = sent.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
      return { refused: refused.length, codes: [...new Set(refused.map(({ reason }) => reason.code))] };
    });`,
    });
    await to.broker.channel.assertQueue("sink");

    const sending = to.client.call<{ refused: number; codes: string[] }>("sends", 100_000);
    const { result: { refused, codes }, times } = await to.answersDuring(sending);

    assert.deepEqual(codes, ["TOO_MANY_ASKS"]);
    assert.ok(refused > 0);
    assert.equal(await to.broker.waiting("sink"), 100_000 - refused);
    assert.ok(times.length > 0);
  },
);

testOnBroker(
  "Lines on stdout beyond the limit are dropped and counted, and do not delay answers",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      floods: `const text = new TextEncoder();
      export default rpc("floods", (lines: number) => {
        for (let i = 0; i < lines; i++) Deno.stdout.writeSync(text.encode("line " + i + "\\n"));
        Deno.stdout.writeSync(crypto.getRandomValues(new Uint8Array(60_000)));
        return "done";
      });`,
    });

    const { result } = await to.answersDuring(to.client.call("floods", 100_000));
    assert.equal(result, "done");
    await to.app.app.stop();

    const lines = to.app.said("floods").length;
    const [first, ...more] = to.app.seen("notice").map(({ message }) => message);
    assert.match(
      first!,
      /^floods: \d+ log lines were dropped; a function may write 1000 lines or 1 MB per second$/,
    );
    const dropped = [first!, ...more].map((message) => Number(/\d+/.exec(message)![0]));
    assert.ok(lines + dropped.reduce((sum, count) => sum + count, 0) >= 100_000);
  },
);
