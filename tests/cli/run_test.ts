import assert from "node:assert/strict";
import { startBroker } from "../../runtime/broker/mod.ts";
import { hopperCommand, spawnHopper, startHopper } from "../support/hopper.ts";
import { run } from "../support/process.ts";
import { freePort } from "../support/ports.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const echo = `import { rpc } from "hopper"; export default rpc("echo", (input) => input);`;

testOnBroker("With --log json each line of output is one JSON object", async ({ broker, vhost }) => {
  await using hopper = await startHopper({
    functions: {
      f: `import { queue } from "hopper";
      export default queue("q", { retry: false }, (text, { log }) => {
        const circle: Record<string, unknown> = {};
        circle.self = circle;
        log("two\\nlines \\u001b[31m", { big: 1n, circle });
        log.debug("not shown");
        if (text === "bad") throw new Error("a\\nb");
      });`,
      broken: "export default 1;",
    },
    broker: vhost.url,
  });

  await broker.send("q", "good", { messageId: "m1" });
  await hopper.event("handled", { messageId: "m1" });
  await broker.send("q", "bad");
  await hopper.event("dead-lettered");
  const { code, stdout, stderr } = await hopper.stop();

  assert.equal(code, 0);
  assert.equal(stderr, "");
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const { time, level, event } of lines) {
    assert.ok(!Number.isNaN(Date.parse(time)));
    assert.match(level, /^(info|warn|error)$/);
    assert.equal(typeof event, "string");
  }
  const { time: _, run, ...log } = lines.find(({ event }) => event === "log");
  assert.match(run, /^\w+-\w+$/);
  assert.deepEqual(log, {
    level: "info",
    event: "log",
    function: "f",
    messageId: "m1",
    attempt: 1,
    message: "two\nlines \u001b[31m",
    data: { big: "1", circle: { self: "(circular)" } },
  });
  assert.equal(lines.filter(({ event }) => event === "log").length, 2);
  assert.match(
    lines.find(({ event }) => event === "problem").message,
    /The default export is not a trigger but a number/,
  );
  assert.deepEqual(lines.slice(-2).map(({ event }) => event), ["draining", "drained"]);
});

testOnBroker(
  "The banner shows the version, the broker without its password, functions and problems",
  async ({ vhost }) => {
    await using hopper = await spawnHopper({
      functions: { echo, broken: "export default 1;" },
      broker: vhost.url,
      args: ["--log", "text"],
    });

    const suggested = await hopper.line("Try: ");
    const [program, ...args] = suggested.trim().replace("Try: ", "").split(" ");
    assert.deepEqual([program, args.slice(-5, -1)], ["deno", ["call", "echo", "30", "--broker"]]);
    const tried = await run(program!, args, { cwd: hopper.dir });
    assert.equal(tried.stdout, "30\n", "it works from where it is read");
    const { code, stdout } = await hopper.stop();

    assert.equal(code, 0);
    assert.match(stdout, /^ hopper \d+\.\d+\.\d+ {3}ready in \d+ ms$/m);
    assert.match(stdout, /^ Broker {3}amqp:\/\/guest@127\.0\.0\.1:\d+(?:\/test-\w+)? {3}from --broker$/m);
    assert.doesNotMatch(stdout, /guest:guest/);
    assert.match(stdout, /^ echo +rpc +- +echo +20 +auto +functions\/echo\.ts$/m);
    assert.match(
      stdout,
      /^ ✗ functions\/broken\.ts {2}The default export is not a trigger but a number; write: export default/m,
    );
    assert.match(stdout, /stopping: 0 in flight\n.*stopped: 0 finished, 0 put back/);
  },
);

testOnBroker(
  "The path /healthz answers while the process lives, and /readyz says what is missing",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("taken", { durable: false });
    const admin = `127.0.0.1:${freePort()}`;
    await using hopper = await startHopper({
      functions: { echo, taken: `import { queue } from "hopper"; export default queue("taken", () => {});` },
      broker: vhost.url,
      args: ["--admin", admin],
    });
    const get = async (path: string) => {
      const response = await fetch(`http://${admin}${path}`);
      const text = await response.text();
      return [response.status, text && JSON.parse(text)];
    };

    assert.deepEqual(await get("/healthz"), [200, { status: "alive" }]);
    const [status, { missing }] = await get("/readyz");
    assert.equal(status, 503);
    assert.equal(missing.length, 1);
    assert.match(missing[0], /^taken: Queue 'taken' exists with other settings/);

    await broker.channel.deleteQueue("echo");
    await hopper.event("detached", { function: "echo" });
    await hopper.events("attached", 2, { function: "echo" });
    assert.equal((await get("/readyz"))[0], 503);
  },
);

testOnBroker("The path /readyz answers 204 once every function is attached", async ({ vhost }) => {
  const admin = `127.0.0.1:${freePort()}`;
  await using hopper = await startHopper({
    functions: { echo },
    broker: vhost.url,
    args: ["--admin", admin],
  });

  const response = await fetch(`http://${admin}/readyz`);
  await response.body?.cancel();
  // Open connections of probes, even with half a request, must not keep the runtime from ending.
  const half = await Deno.connect({ hostname: "127.0.0.1", port: Number(admin.split(":")[1]) });
  await half.write(new TextEncoder().encode("GET /healthz HTTP/1.1\r\nHost:"));
  const { code } = await hopper.stop();
  half.close();

  assert.equal(response.status, 204);
  assert.equal(code, 0);
});

testOnBroker(
  "A taken admin port is a notice if it is the default, and an error if it was asked for",
  async ({ vhost }) => {
    const port = freePort();
    using _taken = Deno.listen({ hostname: "127.0.0.1", port });
    const run = (...args: string[]) =>
      hopperCommand(["run", "--functions", "functions", "--broker", vhost.url, ...args], {});

    const { code, stderr } = await run("--admin", `127.0.0.1:${port}`);

    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`127\\.0\\.0\\.1:${port} is taken by another program; choose another with --admin`),
    );
  },
);

const careless = `import { queue } from "hopper";
export default queue("careless", () => {
  Promise.reject(new Error("Nobody waits for me"));
  setTimeout(() => { throw new Error("Nobody catches me"); });
});`;

testOnBroker(
  "An error outside of a run ends the function's process, and the next message starts another",
  async ({ broker, vhost }) => {
    await using hopper = await startHopper({ functions: { careless }, broker: vhost.url });

    for (let count = 1; count <= 2; count++) {
      await broker.send("careless", "x");
      const ends = await hopper.events("host-ended", count, { function: "careless" });
      assert.match(String(ends.at(-1)!.how), /nobody caught: Error: Nobody (?:waits for|catches) me/);
    }
  },
);

testOnBroker(
  "An error outside of a run of an inline function is logged, and ends no other function",
  async ({ broker, vhost }) => {
    await using hopper = await startHopper({
      functions: { careless, echo },
      config: `export default { functions: { careless: { isolate: "inline" } } };`,
      broker: vhost.url,
    });

    await broker.send("careless", "x");
    await hopper.event("handled", { function: "careless" });
    await hopper.event("notice", ({ message }) => message!.includes("Error: Nobody waits for me"));
    await hopper.event("notice", ({ message }) => message!.includes("Error: Nobody catches me"));
    const { stdout } = await hopperCommand(["call", "echo", "1"], { broker: vhost.url });

    assert.equal(stdout, "1\n");
  },
);

testOnBroker(
  "A second runtime on a machine works without the admin API, and says so",
  async ({ vhost }) => {
    // This test takes the default port, if no other program has.
    using _first = listenUnlessTaken(8672);
    await using second = await startHopper({ functions: { echo }, broker: vhost.url, defaultAdmin: true });

    const { stdout } = await hopperCommand(["call", "echo", "1"], { broker: vhost.url });

    assert.equal(stdout, "1\n");
    const [notice] = second.logged("notice");
    assert.match(
      notice!.message!,
      /^Health is not served: 127\.0\.0\.1:8672 is taken by another program; choose/,
    );
  },
);

function listenUnlessTaken(port: number): Disposable | undefined {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

Deno.test("The banner and the problems of files are shown while the broker is down", async () => {
  const port = freePort();
  await using hopper = await spawnHopper({
    functions: { echo, broken: "export default 1;" },
    broker: `amqp://127.0.0.1:${port}`,
    args: ["--log", "text"],
  });

  await hopper.line(/hopper \d\S+ {3}waiting for the broker/);
  await hopper.line("functions/broken.ts  The default export is not a trigger but a number");
  await hopper.line("Try: ");
  await using broker = await startBroker({ port, memory: true });
  await hopper.line(/ready in \d+ ms/);
  void broker;
  assert.equal(hopper.output.filter((line) => line.includes("functions/echo.ts")).length, 1, "one banner");
  await hopper.stop();
});

Deno.test("A refused login is reported at once as such", async () => {
  await using broker = await startBroker({ port: 0, memory: true, user: "me", password: "secret" });
  const url = `amqp://me:wrong@127.0.0.1:${broker.port}`;
  await using hopper = await spawnHopper({ functions: { echo }, broker: url, args: ["--log", "text"] });
  await hopper.line(
    /refuses the connection: 403 ACCESS_REFUSED - the login of user 'me' was refused; check the user and the password/,
  );

  const began = performance.now();
  const { code, stderr } = await hopperCommand(["send", "q", "x"], { broker: url });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^hopper: 403 ACCESS_REFUSED - the login of user 'me' was refused; .* \(amqp:\/\/me@127/,
  );
  assert.ok(performance.now() - began < 4000, "sooner than a broker that does not answer is given up");
  await hopper.stop();
});

Deno.test("A variable that a function asks for and that is not set is reported at the start", async () => {
  await using broker = await startBroker({ port: 0, memory: true });
  const asks = `import { queue } from "hopper";
    export default queue("asks", { permissions: { env: ["IS_SET", "IS_NOT", "NOR_THIS"] } }, () => {});`;
  const options = { functions: { asks, echo }, broker: broker.url, env: { IS_SET: "1" } };
  await using hopper = await startHopper(options);
  const { message } = await hopper.event("notice");
  assert.equal(message, 'functions/asks.ts asks for "IS_NOT", "NOR_THIS", which are not set');
  assert.equal(hopper.logged("notice").length, 1);
  await using text = await spawnHopper({ ...options, args: ["--log", "text"] });
  await text.line('! functions/asks.ts asks for "IS_NOT"');
});

Deno.test("The option --log-level sets how much is shown", async () => {
  await using broker = await startBroker({ port: 0, memory: true });
  for (const [level, expected] of [["debug", ["quiet", "usual", "loud"]], ["warn", ["loud"]]] as const) {
    // Another name for each: a call that comes too early would wait in a queue that is there already.
    const logs = `import { rpc } from "hopper"; export default rpc("${level}", (_: unknown, { log }) => {
      log.debug("quiet"); log("usual"); log.warn("loud"); });`;
    const args = ["--log-level", level];
    await using hopper = await spawnHopper({ functions: { logs }, broker: broker.url, args });
    const called = async () => await hopperCommand(["call", level], { broker: broker.url });
    while ((await called()).code !== 0);
    await hopper.event("log", { message: "loud" });
    assert.deepEqual(hopper.logged("log").map(({ message }) => message), expected);
  }
});
