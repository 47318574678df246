import assert from "node:assert/strict";
import type { Broker } from "../support/amqp.ts";
import { type Hopper, spawnHopper, startHopper } from "../support/hopper.ts";
import { withFolder } from "../support/folder.ts";
import { start } from "../support/process.ts";
import { freePort } from "../support/ports.ts";
import { fileURLToPath } from "node:url";
import { testOnBroker } from "../support/test_on_broker.ts";

// The handler runs until the test deletes the queue `hold`.
const slow = {
  slow: `import { queue } from "hopper";
  export default queue("tasks", { prefetch: 5, concurrency: 2 }, async (text, { log, call }) => {
    log(\`began \${text}\`);
    await call("hold", text);
    log(\`ended \${text}\`);
  });`,
};

/** Lets the handlers that wait for the queue `hold` go on. */
async function letGo(broker: Broker, count: number): Promise<void> {
  for (const { properties } of await broker.take("hold", count)) {
    await broker.send(properties.replyTo, "null", { correlationId: properties.correlationId });
  }
}

async function busy(broker: Broker): Promise<Hopper> {
  await broker.occupy("hold");
  const hopper = await startHopper({ functions: slow, broker: broker.url });
  for (const text of ["a", "b", "c", "d", "e", "f", "g"]) await broker.send("tasks", text);
  await hopper.events("log", 2);
  return hopper;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  testOnBroker(
    `On ${signal} in-flight messages finish and are settled, waiting ones go back, and the exit code is 0`,
    async ({ broker }) => {
      await using hopper = await busy(broker);

      hopper.signal(signal);
      const { inFlight } = await hopper.event("draining");
      await letGo(broker, 2);
      const { code } = await hopper.exit();

      assert.equal(code, 0);
      assert.equal(inFlight, 2);
      const { finished, putBack } = hopper.logged("drained")[0]!;
      assert.deepEqual({ finished, putBack }, { finished: 2, putBack: 3 });
      const said = hopper.logged("log").map(({ message }) => message!);
      assert.deepEqual(said.toSorted(), ["began a", "began b", "ended a", "ended b"]);
      const left = await broker.take("tasks", 5);
      assert.deepEqual(left.map(({ content }) => `${content}`), ["c", "d", "e", "f", "g"]);
      assert.equal(await broker.waiting("tasks"), 0);
    },
  );
}

testOnBroker(
  "A second signal within a second is ignored, and after a second it ends the runtime at once",
  async ({ broker }) => {
    await using hopper = await busy(broker);

    hopper.signal("SIGINT");
    const { time } = await hopper.event("draining");
    hopper.signal("SIGINT");
    hopper.signal("SIGTERM");
    // The rule is about a real second, so the test must wait for it.
    await new Promise((resolve) => setTimeout(resolve, Date.parse(time) + 1200 - Date.now()));
    assert.equal(hopper.logged("drained").length, 0, "it still drains");
    hopper.signal("SIGINT");
    const { code } = await hopper.exit({ timeout: 3000 });

    assert.equal(code, 1);
    const left = await broker.take("tasks", 7);
    assert.deepEqual(left.map(({ content }) => `${content}`).toSorted(), ["a", "b", "c", "d", "e", "f", "g"]);
  },
);

const root = fileURLToPath(new URL("../../", import.meta.url));

// A terminal starts each command as the leader of a process group, and Ctrl-C goes to the whole group.
for (const to of ["deno task alone", "the whole process group"]) {
  testOnBroker(`A signal to ${to} stops the runtime in order`, async ({ broker, vhost }) => {
    await broker.occupy("hold");
    const dir = await Deno.makeTempDir({ prefix: "hopper-stop-" });
    await Deno.writeTextFile(`${dir}/slow.ts`, slow.slow);
    const run = ["task", "run", "--functions", dir, "--broker", vhost.url, "--no-admin", "--log", "json"];
    await using task = start("setsid", [
      "--wait",
      "sh",
      "-c",
      'echo "group $$"; exec "$@"',
      "sh",
      Deno.execPath(),
      ...run,
    ], {
      cwd: root,
      env: { NO_COLOR: "1" },
    });
    const group = Number((await task.line(/^group \d+$/)).split(" ")[1]);
    await task.line('"event":"ready"');
    await broker.send("tasks", "a");
    await task.line("began a");

    Deno.kill(to === "deno task alone" ? group : -group, "SIGINT");
    await task.line('"event":"draining"');
    await letGo(broker, 1);
    const { code } = await task.exit();
    await Deno.remove(dir, { recursive: true });

    assert.equal(code, 0);
    await task.line("ended a");
    await task.line('"event":"drained"');
    assert.equal(await broker.waiting("tasks"), 0);
  });
}

testOnBroker(
  "A killed runtime leaves no process behind, even with a busy handler",
  async ({ broker, vhost }) => {
    await using hopper = await startHopper({
      functions: {
        spins: `import { queue } from "hopper";
        export default queue("spins", () => {
          Deno.stdout.writeSync(new TextEncoder().encode("pid " + Deno.pid + "\\n"));
          for (;;);
        });`,
        quiet:
          `import { queue } from "hopper"; export default queue("quiet", (_, { log }) => log("pid " + Deno.pid));`,
      },
      broker: vhost.url,
    });
    await broker.send("spins", "x");
    await broker.send("quiet", "x");
    const said = await Promise.all(["spins", "quiet"].map((name) => hopper.said(name, "pid ")));

    hopper.signal("SIGKILL");
    await hopper.exit();

    for (const { message } of said) {
      const path = `/proc/${message!.split(" ")[1]}`;
      while (await Deno.stat(path).then(() => true, () => false)) {
        await new Promise((go) => setTimeout(go, 5));
      }
    }
  },
);

Deno.test("A signal while the broker is down ends the runtime at once", async () => {
  await using hopper = await spawnHopper({ functions: slow, broker: `amqp://127.0.0.1:${freePort()}` });

  const [first, second] = await hopper.events("connecting", 2, { connection: "consumers" });
  assert.match(String(first!.error), /ECONNREFUSED/);
  assert.equal(second!.attempt, 2);
  hopper.signal("SIGTERM");
  const { code } = await hopper.exit({ timeout: 3000 });

  assert.equal(code, 0);
});

Deno.test("A closed terminal does not stop a runtime under nohup", async () => {
  await using folder = await withFolder();
  const main = fileURLToPath(new URL("../../runtime/cli/main.ts", import.meta.url));
  const args = [Deno.execPath(), "run", "-A", main, "broker", "--memory", "--port", `${freePort()}`];
  await using broker = start("nohup", args, { cwd: folder.path });
  await broker.line("Listening on");
  broker.signal("SIGHUP");
  broker.signal("SIGHUP");
  broker.signal("SIGTERM");
  assert.equal((await broker.exit()).code, 0, "it was SIGTERM that stopped it");
});
