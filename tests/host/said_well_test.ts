/** What a person reads about a run: errors with their cause and place, and log lines with their data. */

import assert from "node:assert/strict";
import { freePort } from "../support/ports.ts";
import { startWitnessed } from "../support/witness.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const isolations = ["process", "inline"] as const;
const isolated = (isolate: typeof isolations[number]) => ({ functions: { "*": { isolate } } });

for (const isolate of isolations) {
  testOnBroker(
    `${isolate}: An error is logged with its cause and the first line of the function's files`,
    async ({ broker }) => {
      const port = freePort();
      await using to = await startWitnessed(broker, {
        "_get.ts": `export async function get() {
  await fetch("http://127.0.0.1:${port}/");
}`,
        gets: `import { get } from "./_get.ts";
        export default queue("gets", { permissions: { net: ["127.0.0.1:${port}"] } }, () => get());`,
      }, isolated(isolate));

      await to.broker.send("gets", "x");
      const { error, at } = await to.app.event("failed", { function: "gets" });
      assert.match(
        error,
        new RegExp(
          `^TypeError: fetch failed; caused by Error: .*127\\.0\\.0\\.1:${port}.*Connection refused`,
        ),
      );
      assert.match(at!, /_get\.ts:2:\d+$/);

      const { error: told } = await to.app.event("dead-lettered");
      assert.equal(told, error);
      const { headers = {} } = (await to.broker.next("gets.dead")).properties;
      assert.equal(headers["x-hopper-error"], error);
      assert.equal(headers["x-hopper-error-at"], at);
    },
  );

  testOnBroker(`${isolate}: Data of any kind in a log line is shown as text`, async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      logs: `export default queue("logs", (_text: string, { log }) => {
        const circle: Record<string, unknown> = { name: "circle" };
        circle.self = circle;
        log("all", {
          error: new TypeError("no", { cause: new Error("why") }),
          url: new URL("http://a.example/b"),
          map: new Map<unknown, unknown>([["k", 1], [2, new Set([3])]]),
          date: new Date(0),
          big: 5n,
          bytes: new Uint8Array(3),
          nothing: undefined,
          not: NaN,
          call: () => {},
          circle,
        });
        log("text", "no record" as never);
      });`,
    }, isolated(isolate));

    await to.broker.send("logs", "x");
    assert.deepEqual((await to.app.event("log", { message: "all" })).data, {
      error: "TypeError: no; caused by Error: why",
      url: "http://a.example/b",
      map: { k: 1, 2: [3] },
      date: "1970-01-01T00:00:00.000Z",
      big: "5",
      bytes: "(3 bytes)",
      not: "NaN",
      call: "(function)",
      circle: { name: "circle", self: "(circular)" },
    });
    assert.deepEqual((await to.app.event("log", { message: "text" })).data, { value: "no record" });
  });

  testOnBroker(
    `${isolate}: A caller gets the error without paths of the server`,
    async ({ broker }) => {
      await using to = await startWitnessed(broker, {
        fails: `export default rpc("fails", (kind: string) => {
        if (kind === "path") throw new Error("No such file: " + new URL("data.txt", import.meta.url).pathname);
        throw new Error("No file at " + new URL("data.txt", import.meta.url), { cause: new Error("secret") });
      });`,
      }, isolated(isolate));

      assert.equal((await to.refused("fails", "path")).message, "Error: No such file: data.txt");
      assert.equal((await to.refused("fails", "url")).message, "Error: No file at data.txt");
      const [first] = await to.app.events("failed", 2);
      assert.ok(first!.error.includes(`${to.app.folder}/data.txt`), "the log says all of it");
    },
  );
}

testOnBroker(
  "What a run logged before it ended its process arrives with the message's id",
  async ({ broker }) => {
    for (const exit of ["Deno.exit(3)", `(await import("node:process")).default.exit(3)`]) {
      await using to = await startWitnessed(broker, {
        exits: `export default queue("exits", async (text: string, { log }) => {
        for (let i = 0; i < 50; i++) console.log("line", i);
        log.warn("by ctx", { text });
        ${exit};
      });`,
      });
      await to.broker.send("exits", "x", { messageId: "m-1" });
      await to.app.event("host-ended");
      const said = to.app.seen("log", { function: "exits" });
      assert.deepEqual(
        said.map(({ message }) => message),
        [...Array.from({ length: 50 }, (_, i) => `line ${i}`), "by ctx"],
        exit,
      );
      assert.deepEqual([...new Set(said.map(({ messageId }) => messageId))], ["m-1"]);
    }
  },
);

testOnBroker(
  "An object on the console is one log line, and an error is followed by its frames",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      prints: `export default queue("prints", () => {
      console.log({ items: Array.from({ length: 20 }, (_, id) => ({ id, text: "some longer text of it" })) });
    });`,
    });
    await to.broker.send("prints", "x");
    const { message } = await to.app.event("log", { function: "prints" });
    assert.ok(message.includes("id: 19"));
    assert.ok(!message.includes("\n"));
  },
);
