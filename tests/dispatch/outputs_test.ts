/** What handlers return and send: bytes of every kind arrive as bytes, and nothing is changed without an error. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect, RpcError } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { bytesOfEveryKind, unsendable } from "../support/values.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** The file with the values, beside the function files. */
const helper = await Deno.readTextFile(fileURLToPath(new URL("../support/values.ts", import.meta.url)));
const values = `import { bytesOfEveryKind, unsendable } from "./_values.ts";`;
const bytes = [0, 1, 254, 255];

for (const isolate of ["process", "inline"] as const) {
  const config = { functions: { "*": { isolate } } };

  testOnBroker(
    `A handler can return bytes of any kind, and its caller gets a Uint8Array (${isolate})`,
    async ({ broker, vhost, t }) => {
      await broker.channel.assertQueue("out");
      await using _app = await runApp({
        functions: {
          "_values.ts": helper,
          f: `${values}
        export default rpc("f", (kind: string) => bytesOfEveryKind[kind]!());`,
          text: `${values}
        export default rpc("text", { codec: "text" }, (kind: string) => bytesOfEveryKind[kind]!());`,
          p: `${values}
        export default queue("p", { publish: { queue: "out" } }, (kind: string) => bytesOfEveryKind[kind]!());`,
          png: `export default rpc("png", () => new Blob(["x"], { type: "image/png" }));`,
        },
        config,
        broker,
      });
      await using hopper = await connect(vhost.url);

      for (const kind of Object.keys(bytesOfEveryKind)) {
        await t.step(kind, async () => {
          assert.deepEqual(await hopper.call("f", kind), Uint8Array.from(bytes));
          assert.deepEqual(await hopper.call("text", kind), Uint8Array.from(bytes));
          await hopper.send("p", kind);
          const { content, properties } = await broker.next("out");
          assert.deepEqual([[...content], properties.contentType], [bytes, "application/octet-stream"]);
        });
      }
      await broker.channel.assertQueue("replies");
      await broker.send("png", "", { replyTo: "replies" });
      assert.equal((await broker.next("replies")).properties.contentType, "image/png");
    },
  );

  testOnBroker(
    `A result that JSON cannot hold fails the run with where it is and what to write (${isolate})`,
    async ({ broker, vhost, t }) => {
      await broker.channel.assertQueue("out");
      await using app = await runApp({
        functions: {
          "_values.ts": helper,
          f: `${values}
        export default rpc("f", (kind: string) => ({ items: [0, 0, 0, unsendable[kind]![0]()] }));`,
          p: `${values}
        export default queue("p", { publish: { queue: "out" } }, (kind: string) => [unsendable[kind]![0]()]);`,
          s: `${values}
        export default queue("s", async (kind: string, { send, publish, call, log }: Context) => {
          const body = { items: [0, 0, 0, unsendable[kind]![0]()] };
          for (const sending of [send("out", body), publish("", "out", body), call("f", body)]) {
            log(await sending.then(() => "sent", ({ name, message }) => \`\${name}: \${message}\`));
          }
        });`,
        },
        config,
        broker,
      });
      await using hopper = await connect(vhost.url);
      let count = 0;

      for (const [kind, [, says]] of Object.entries(unsendable)) {
        await t.step(kind, async () => {
          count++;
          const error = await hopper.call("f", kind).catch((error) => error);
          assert.ok(error instanceof RpcError);
          assert.equal(error.code, "UNSENDABLE_OUTPUT");
          assert.match(error.message, /^The handler's output cannot be sent: result\.items\[3\]/);
          assert.match(error.message, says);

          await hopper.send("p", kind);
          const dead = (await app.events("dead-lettered", count, { function: "p" })).at(-1)!;
          assert.match(dead.error, /^ArgumentError: result\[0\]/);
          assert.match(dead.error, says);

          await hopper.send("s", kind);
          await app.events("handled", count, { function: "s" });
          for (const said of app.said("s").slice(-3)) {
            assert.match(said, /^ArgumentError: body\.items\[3\]/);
            assert.match(said, says);
          }
        });
      }
      assert.equal(await broker.waiting("out"), 0);
    },
  );

  testOnBroker(`A result that JSON can hold reaches the caller unchanged (${isolate})`, async ({ vhost }) => {
    await using _app = await runApp({
      functions: {
        f: `class Money { toJSON() { return "5.00"; } }
        export default rpc("f", () => ({ at: new Date(0), url: new URL("http://example.test/"), none: undefined,
          list: [undefined, null], money: new Money(), deep: Object.assign(Object.create(null), { a: 1 }) }));`,
        text: `export default rpc("text", { codec: "text" }, (kind) =>
          kind === "object" ? { a: 1 } : kind === "bigint" ? 5n : kind === "nothing" ? undefined : 5);`,
      },
      config,
      broker: vhost.url,
    });
    await using hopper = await connect(vhost.url);

    assert.deepEqual(await hopper.call("f"), {
      at: "1970-01-01T00:00:00.000Z",
      url: "http://example.test/",
      list: [null, null],
      money: "5.00",
      deep: { a: 1 },
    });
    assert.deepEqual(
      [
        await hopper.call("text", "number"),
        await hopper.call("text", "bigint"),
        await hopper.call("text", "nothing"),
      ],
      ["5", "5", ""],
    );
    await assert.rejects(
      hopper.call("text", "object"),
      /result is an object; with codec: "text" expected text/,
    );
  });

  testOnBroker(
    `Data of an error that JSON cannot hold is left out, and the error says so (${isolate})`,
    async ({ vhost }) => {
      await using _app = await runApp({
        functions: {
          f: `export default rpc("f", () => {
          throw new RpcError("NO_STOCK", { detail: "None left", status: 409, data: { left: new Map([["bolt", 0]]) } });
        });`,
        },
        config,
        broker: vhost.url,
      });
      await using hopper = await connect(vhost.url);

      const { code, status, message, data } = await hopper.call<never>("f").catch((error) => error);

      assert.deepEqual({ code, status, data }, { code: "NO_STOCK", status: 409, data: undefined });
      assert.equal(
        message,
        "None left (without its data, because data.left is a Map: write Object.fromEntries(value), or [...value])",
      );
    },
  );

  testOnBroker(
    `A handler that is a generator function fails its message (${isolate})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          f: `export default queue("q", function* () { yield 1; } as never);`,
          g: `export default queue("r", async function* () { yield 1; } as never);`,
        },
        config,
        broker,
      });

      await broker.send("q", "");
      await broker.send("r", "");
      for (const { error } of await app.events("dead-lettered", 2)) {
        assert.match(error, /^TypeError: The handler returned a generator, which does not run by itself: /);
      }
    },
  );
}
