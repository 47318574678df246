/** Harmful functions: each is denied or contained, and other functions are not affected. */

import assert from "node:assert/strict";
import { startWitnessed } from "../support/witness.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** What a function tries, as the body of a handler, and the error that it gets. */
const attempts: Record<string, [body: string, told: RegExp]> = {
  "read by path": [`Deno.readTextFileSync("/etc/passwd")`, /may not read "\/etc\/passwd"/],
  "read by node": [`(await import("node:fs")).readFileSync("/etc/passwd", "utf8")`, /may not read/],
  "import as text": [`(await import("/etc/passwd", { with: { type: "text" } })).default`, /etc\/passwd/],
  "import as JSON": [
    `(await import("file:///etc/passwd", { with: { type: "json" } })).default`,
    /etc\/passwd/,
  ],
  "import what is computed": [`await import(["", "etc", "hostname"].join("/"))`, /etc\/hostname/],
  "read another function's file": [
    `Deno.readTextFileSync(new URL("witness.ts", import.meta.url))`,
    /may not read ".*witness\.ts"/,
  ],
  "import another function's file": [`await import(["", "witness.ts"].join("./"))`, /witness\.ts/],
  "read the runtime's code": [`[...Deno.readDirSync("${Deno.cwd()}/runtime")]`, /may not read/],
  "write": [`Deno.writeTextFileSync("/tmp/hopper-was-here", "x")`, /may not write/],
  "connect": [`await Deno.connect({ port: 5672 })`, /may not connect/],
  "fetch": [`await (await fetch("http://127.0.0.1:8672/")).text()`, /may not connect/],
  "listen": [`Deno.listen({ port: 0 })`, /may not/],
  "read the environment": [`Deno.env.get("AMQP_URL") ?? "nothing"`, /may not read.*AMQP_URL/],
  "read all of the environment": [`Deno.env.toObject()`, /may not read/],
  "run a program": [`new Deno.Command("/bin/sh").outputSync()`, /may not run/],
  "kill its parent": [`Deno.kill(Deno.ppid, "SIGKILL")`, /may not/],
  "load a library": [`Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {})`, /may not/],
  "ask for more": [
    `(await Deno.permissions.request({ name: "read" })).state === "granted" || Deno.cwd(), "asked"`,
    /^$/,
  ],
};

testOnBroker(
  "A function is denied what it was not granted, and the error says what to write",
  async ({ broker }) => {
    const cases = Object.entries(attempts).map(([name, [body]]) =>
      `${JSON.stringify(name)}: async () => { return ${body}; }`
    );
    await using to = await startWitnessed(broker, {
      tries: `const attempts: Record<string, () => Promise<unknown>> = { ${cases.join(",\n")} };
      export default rpc("tries", async (name: string) => String(await attempts[name]!()));`,
    });

    for (const [name, [, told]] of Object.entries(attempts)) {
      if (name === "ask for more") {
        assert.equal(await to.client.call("tries", name), "asked", "nobody grants anything");
        continue;
      }
      const { message } = await to.refused("tries", name);
      assert.match(message, told, name);
    }
    await to.answers();
  },
);

const endings: Record<string, [body: string, told: RegExp]> = {
  "exits": [`Deno.exit(3)`, /exited with code 3/],
  "exits by node": [`(await import("node:process")).default.exit(4)`, /exited with code 4/],
  "lets a promise reject": [`Promise.reject(new Error("Lost")); await new Promise(() => {})`, /Lost/],
  "throws in a timer": [
    `setTimeout(() => { throw new Error("Late"); }); await new Promise(() => {})`,
    /Late/,
  ],
  "spins": [`for (;;);`, /longer than 300 ms/],
  "never ends": [`await new Promise(() => {})`, /longer than 300 ms/],
};

testOnBroker(
  "A run that ends its process, or never ends, fails only itself",
  async ({ broker }) => {
    const cases = Object.entries(endings).map(([name, [body]]) =>
      `${JSON.stringify(name)}: async () => { ${body} }`
    );
    await using to = await startWitnessed(broker, {
      ends: `const endings: Record<string, () => Promise<unknown>> = { ${cases.join(",\n")} };
      export default rpc("ends", { timeout: 300 }, (name: string) =>
        name === "is well" ? name : endings[name]!());`,
    });

    for (const [name, [, told]] of Object.entries(endings)) {
      const { message } = await to.refused("ends", name);
      assert.match(message, told, name);
      assert.equal(await to.client.call("ends", "is well"), "is well", `after it ${name}`);
      await to.answers();
    }
  },
);

testOnBroker("A run that fills its function's memory fails with that reason", async ({ broker }) => {
  await using to = await startWitnessed(broker, {
    fills: `export default rpc("fills", { memory: "32MB" }, (what: string) => {
      const all: unknown[] = [];
      for (;;) all.push(what === "heap" ? { n: [all.length] } : new Uint8Array(2 ** 20).fill(1));
    });`,
  });

  const heap = await to.answersDuring(to.refused("fills", "heap"));
  assert.match(heap.result.message, /process ran out of memory: its setting 'memory' is 32MB$/);
  const buffers = await to.answersDuring(to.refused("fills", "buffers"));
  assert.match(
    buffers.result.message,
    /process took too much memory outside of its heap: its setting 'memory' is 32MB$/,
  );
});

testOnBroker(
  "What a function writes to stdout becomes log lines, and is never read as an answer",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      noisy: `export default rpc("noisy", async () => {
      Deno.stdout.writeSync(new Uint8Array([0, 0, 0, 9, 2, 0, 0, 0, 1, 0, 0, 0, 0, 10]));
      Deno.stderr.writeSync(new TextEncoder().encode("straight to the error stream\\n"));
      console.log("by the console", { a: 1 });
      await Promise.resolve();
      console.error("after a wait");
      return "an answer";
    });`,
    });

    assert.equal(await to.client.call("noisy"), "an answer");
    await to.app.event("log", { message: "straight to the error stream", level: "warn" });
    const logged = await to.app.event("log", { message: "by the console { a: 1 }", level: "info" });
    const later = await to.app.event("log", { message: "after a wait", level: "error" });
    assert.ok(logged.messageId);
    assert.equal(later.messageId, logged.messageId);
  },
);

testOnBroker(
  "Log lines beyond the limit are dropped and counted, and do not delay other functions",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      floods:
        `export default rpc("floods", () => { for (let i = 0; i < 50_000; i++) console.log("line", i); return "done"; });`,
    });

    const flooding = to.client.call("floods");
    await to.answers();
    assert.equal(await flooding, "done");
    assert.ok(to.app.said("floods").length <= 3000, `${to.app.said("floods").length} lines were logged`);
  },
);

testOnBroker(
  "Messages that were running when another one ended their process are not lost, and no attempt is counted",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      work: `export default queue("work", { prefetch: 10, retry: { attempts: 3, delay: 10 }, pause: false },
      async (text: string, { log }) => {
        log("starts " + text);
        await new Promise((go) => setTimeout(go, 20));
        if (text === "poison") Deno.exit(1);
      });`,
    });

    const innocents = Array.from({ length: 30 }, (_, i) => `good ${i}`);
    for (const text of [...innocents.slice(0, 15), "poison", ...innocents.slice(15)]) {
      await to.broker.send("work", text, { messageId: text });
    }
    await to.app.events("handled", innocents.length, { function: "work" });
    await to.app.event("dead-lettered");

    assert.equal((await to.broker.next("work.dead")).content.toString(), "poison");
    assert.equal(
      to.app.said("work").filter((line) => line === "starts poison").length,
      3,
      "as often as attempts says",
    );
    const counted = [...to.app.seen("retrying"), ...to.app.seen("failed"), ...to.app.seen("dead-lettered")];
    assert.deepEqual(
      [...new Set(counted.map(({ messageId }) => messageId))],
      ["poison"],
      "nobody else was counted",
    );
  },
);
