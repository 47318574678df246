/** A function's processes: deadlines, crashes, failed starts, several processes, and none. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { startWitnessed } from "../support/witness.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** Waits until the process does not exist, which has no event. */
async function gone(pid: number): Promise<void> {
  while (await Deno.stat(`/proc/${pid}`).then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

testOnBroker(
  "If a handler stops at its signal, its process and the other runs in it go on",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      work:
        `export default queue("work", { timeout: 1000, retry: false, pause: false }, async (text: string, { signal, log }) => {
      log(text + " in " + Deno.pid);
      if (text === "slow") await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      else await released();
    });`,
    });

    await to.broker.send("work", "slow");
    const { error } = await to.app.event("failed");
    assert.equal(error, "RunTimeout: The run took longer than 1000 ms");
    await to.broker.send("work", "other");
    await to.app.release();
    await to.app.event("handled", { function: "work" });

    assert.equal(new Set(to.app.said("work").map((line) => line.split(" in ")[1])).size, 1, "one process");
    assert.equal(to.app.seen("host-ended").length, 0);
  },
);

testOnBroker(
  "If a handler ignores its signal, its process is killed after 2 s, and the other runs are repeated without a count",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      work:
        `export default queue("work", { timeout: 300, retry: false, pause: false }, async (text: string, { log }) => {
      log(text);
      await new Promise((resolve) => text === "deaf" || setTimeout(resolve, 100));
    });`,
    });

    const began = performance.now();
    await to.broker.send("work", "deaf");
    let givenUp = false;
    const dead = to.app.event("dead-lettered").finally(() => givenUp = true);
    let innocents = 0;
    for (; !givenUp; innocents++) {
      await to.broker.send("work", `innocent ${innocents}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { error } = await dead;
    const ms = performance.now() - began;
    await to.app.events("handled", innocents, { function: "work", attempt: 1 });

    assert.equal(error, "RunTimeout: The run took longer than 300 ms");
    assert.ok(ms > 2300 && ms < 5000, `${ms} ms`);
    assert.equal(to.app.seen("failed").length, 1);
    assert.equal(to.app.seen("host-ended", { function: "work" }).length, 1);
    const starts = to.app.said("work").filter((line) => line !== "deaf");
    assert.equal(new Set(starts).size, innocents);
    assert.ok(starts.length > innocents, "some were under way when the process was ended");
  },
);

testOnBroker(
  "The processes of a function that keeps ending them are started after longer and longer waits",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      crashes:
        `export default queue("crashes", { concurrency: 1, retry: false, pause: false }, () => Deno.exit(1));`,
    });

    const times: number[] = [];
    for (let i = 0; i < 6; i++) await to.broker.send("crashes", "x");
    for (let count = 1; count <= 6; count++) {
      await to.app.events("host-ended", count, { function: "crashes" });
      times.push(performance.now());
    }

    const gaps = times.slice(1).map((time, i) => time - times[i]!);
    // 100, 200, 400 and 800 ms, each shorter by up to half. The second start does not wait.
    assert.ok(gaps[3]! > 200 && gaps[4]! > 400, gaps.join());
    assert.ok(gaps[4]! > gaps[1]!, gaps.join());
    await to.answers();
  },
);

testOnBroker("A process that ends after loading does not hold its message for ever", async ({ broker }) => {
  await using to = await startWitnessed(broker, {
    leaves:
      `const isProbed = Deno.permissions.querySync({ name: "env", variable: "KEY" }).state !== "granted";
      // After it has reported that it is loaded.
      if (!isProbed) setTimeout(() => Deno.exit(4), 50);
      export default queue("leaves", { permissions: { env: ["KEY"] }, retry: false, pause: false },
        () => new Promise(() => {}));`,
  });

  for (const text of ["a", "b", "c"]) await to.broker.send("leaves", text);
  await to.app.events("dead-lettered", 3, { function: "leaves" });

  const { error } = to.app.seen("dead-lettered")[0]!;
  assert.equal(error, "HostEnded: The function's process exited with code 4");
});

testOnBroker(
  "A process that cannot start is tried again until it starts, and no attempt is counted",
  async ({ broker }) => {
    let isDown = true;
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(isDown ? "down" : "up"),
    );
    const at = `127.0.0.1:${server.addr.port}`;
    await using to = await startWitnessed(broker, {
      depends:
        `const mayReach = Deno.permissions.querySync({ name: "net", host: "${at}" }).state === "granted";
      if (mayReach && await (await fetch("http://${at}/")).text() === "down") throw new Error("It is down");
      export default queue("depends", {
        permissions: { net: ["${at}"] },
        pause: { probe: 50, most: 100 },
      }, (text: string, { attempt, log }) => log(text + " " + attempt));`,
    });

    await to.broker.send("depends", "message");
    await to.app.events("unavailable", 3, { function: "depends" });
    await to.answers();
    isDown = false;

    await to.app.event("available", { function: "depends" });
    await to.app.event("handled", { function: "depends", attempt: 1 });
    assert.deepEqual(to.app.said("depends"), ["message 1"]);
    for (const { attempt, error } of to.app.seen("failed")) {
      assert.equal(attempt, 1);
      assert.match(error, /process cannot be started: .*The file fails to load: Error: It is down/);
    }
    assert.equal(to.app.seen("dead-lettered").length, 0);
  },
);

testOnBroker(
  "A message whose process starts so late that its run would outlast the broker's consumer_timeout goes back",
  async ({ broker }) => {
    await using at = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      // The process starts once the run would end too late.
      () => new Promise((resolve) => setTimeout(() => resolve(new Response()), 1_500)),
    );
    const address = `127.0.0.1:${at.addr.port}`;
    await using app = await runApp({
      functions: {
        late:
          `const isProcess = Deno.permissions.querySync({ name: "net", host: "${address}" }).state === "granted";
        if (isProcess) await (await fetch("http://${address}/")).text();
        export default queue("late", { permissions: { net: ["${address}"] }, idle: 50, timeout: 100 },
          (text: string, { message, log }) => log(text + " " + (text === "first" ? Deno.pid : message.redelivered)));`,
      },
      config: { defaults: { consumerTimeout: 3_000 } },
      isolate: "process",
      broker,
    });
    await broker.send("late", "first");
    await app.event("handled");
    await gone(Number(app.said("late")[0]!.split(" ")[1]));
    await broker.send("late", "second");
    await app.events("handled", 2);
    assert.equal(app.said("late")[1], "second true");
  },
);

testOnBroker(
  "The caller of an rpc whose process cannot start gets the reason at once",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      fails:
        `if (Deno.permissions.querySync({ name: "env", variable: "KEY" }).state === "granted") throw new Error("No key");
      export default rpc("fails", { permissions: { env: ["KEY"] } }, () => 1);`,
    });

    const { code, message, status } = await to.refused("fails");
    assert.deepEqual([code, status], ["FUNCTION_UNAVAILABLE", 503]);
    assert.match(message, /cannot be started: .*fails\.ts:10:\d+ {2}The file fails to load: Error: No key/);
  },
);

testOnBroker(
  "A file that patches JSON.stringify does not change what other files declare",
  async ({ broker }) => {
    const forger = (name: string) =>
      `const { stringify } = JSON;
    JSON.stringify = (value: any, ...rest: any[]) =>
      stringify(value?.declaration ? { ...value, declaration: { ...value.declaration, options: { publish: { queue: "mine" } } } } : value, ...rest);
    (globalThis as any).postMessage = () => {};
    export default queue("${name}", () => {});`;
    await using to = await startWitnessed(broker, {
      a_forger: forger("a"),
      b_forger: forger("b"),
      secret: `export default rpc("secret", () => "told");`,
    });

    assert.equal(await to.client.call("secret"), "told");
  },
);

testOnBroker("With two instances two messages run in two processes at the same time", async ({ broker }) => {
  await using to = await startWitnessed(broker, {
    two: `export default queue("two", { instances: 2, prefetch: 1 }, async (text: string, { log }) => {
      log(String(Deno.pid));
      await released();
    });`,
  });

  for (const text of ["a", "b", "c"]) await to.broker.send("two", text);
  await to.app.events("log", 2, { function: "two" });
  assert.equal(new Set(to.app.said("two")).size, 2);
  assert.equal(await to.broker.waiting("two"), 1);
  await to.app.release(2);
  await to.app.release();
  await to.app.events("handled", 3, { function: "two" });
  assert.equal(new Set(to.app.said("two")).size, 2);
});

testOnBroker(
  "An idle process ends without counting as a crash, and the next message starts another",
  async ({ broker }) => {
    await using to = await startWitnessed(broker, {
      rests: `export default rpc("rests", { idle: "100ms" }, () => Deno.pid);`,
    });

    const first = await to.client.call<number>("rests");
    await gone(first);
    const second = await to.client.call<number>("rests");

    assert.notEqual(second, first);
    assert.equal(to.app.seen("host-ended").length, 0);
    assert.equal(to.app.seen("host-started", { function: "rests" }).length, 2);
  },
);

testOnBroker("An idle process whose message is settled later by its handler ends", async ({ broker }) => {
  await using to = await startWitnessed(broker, {
    later: `export default queue("later", { ack: "manual", idle: "100ms" }, (text: string, { ack, log }) => {
      setTimeout(() => { ack(); log(String(Deno.pid)); }, 200);
    });`,
  });

  await to.broker.send("later", "x");
  await to.app.event("log", { function: "later" });
  await gone(Number(to.app.said("later")[0]));
  assert.equal(to.app.seen("host-ended").length, 0);
  assert.equal(await to.broker.waiting("later"), 0);
});

testOnBroker("A process has the heap size of its function's setting 'memory'", async ({ broker }) => {
  const holds = (memory: string) =>
    `export default rpc("holds_${memory}", { memory: "${memory}" }, (megabytes: number) => {
      const all = Array.from({ length: megabytes * 8 }, () => new Array(2 ** 14).fill(1.5));
      return all.length;
    });`;
  await using to = await startWitnessed(broker, { small: holds("64MB"), large: holds("256MB") });

  assert.equal(await to.client.call("holds_256MB", 100), 800);
  assert.match(
    (await to.refused("holds_64MB", 100)).message,
    /ran out of memory: its setting 'memory' is 64MB/,
  );
});

testOnBroker("All processes of a runtime have ended when it has stopped", async ({ broker }) => {
  const to = await startWitnessed(broker, {
    pids: `export default rpc("pids", () => Deno.pid);`,
    slow:
      `export default queue("slow", async (text: string, { log }) => { log(String(Deno.pid)); await released(); log("ended"); });`,
  });
  const pid = await to.client.call<number>("pids");
  await to.broker.send("slow", "x");
  await to.app.event("log", { function: "slow" });

  const stopping = to.app.app.stop();
  await to.app.event("draining");
  await Deno.stat(`/proc/${pid}`);
  await to.app.release();
  await stopping;

  assert.deepEqual(to.app.said("slow").slice(1), ["ended"]);
  for (const each of [pid, Number(to.app.said("slow")[0])]) {
    await assert.rejects(Deno.stat(`/proc/${each}`), Deno.errors.NotFound);
  }
  await to[Symbol.asyncDispose]();
});
