/** `hopper run --inspect NAME`: a debugger can stop one function without a time limit. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { startTestBroker } from "../../runtime/testing.ts";
import { Debugger } from "../support/debugger.ts";
import { type Hopper, hopperCommand, startHopper } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { withFolder } from "../support/folder.ts";

/** A handler that stops in a debugger. Without one, its run times out after 100 ms, and is killed 2 s later. */
const stopping = (options = "", name = "orders") =>
  `import { queue } from "hopper";
export default queue("${name}", { timeout: 100, idle: 50, retry: false, ${options} }, (text: string, { log, attempt }) => {
  debugger;
  log(\`\${text} \${attempt}\`);
});
`;

/** A function that may connect to this machine and tries to reach the inspector. */
const connecting = (port: number) =>
  `import { queue } from "hopper";
export default queue("other", { retry: false, permissions: { net: ["127.0.0.1"] } },
  async () => (await Deno.connect({ hostname: "127.0.0.1", port: ${port} })).close());
`;

/** Longer than the run's timeout and the 2 s after it. */
const longMs = 2_600;

/** The address at which a debugger can attach to the function's process number `nth`. */
async function inspector(hopper: Hopper, nth = 1): Promise<string> {
  const lines = await hopper.events("notice", nth, ({ message }) => message?.includes(" at ws://") === true);
  return /ws:\/\/\S+(?=;)/.exec(lines.at(-1)!.message!)![0];
}

const portOf = (url: string) => Number(new URL(url).port);

Deno.test("A handler that a debugger stops for longer than its timeout still handles its message once", async () => {
  await using broker = await startTestBroker();
  const port = freePort();
  await using hopper = await startHopper({
    functions: { orders: stopping("instances: 2") },
    broker: broker.url,
    args: [`--inspect=127.0.0.1:${port}`, "orders"],
  });
  const url = await inspector(hopper);
  assert.equal(portOf(url), port);
  await using client = await connect(broker.url);
  {
    await using debugging = await Debugger.attach(url);
    await debugging.send("Debugger.enable");
    await client.send("orders", "first");
    const { callFrames } = await debugging.event("Debugger.paused");
    const [{ location }] = callFrames as [{ location: { scriptId: string } }];
    const { url: file } = await debugging.event(
      "Debugger.scriptParsed",
      ({ scriptId }) => scriptId === location.scriptId,
    );
    assert.equal(file, `file://${hopper.dir}/functions/orders.ts`);
    await new Promise((resolve) => setTimeout(resolve, longMs));
    await debugging.send("Debugger.resume");
    await hopper.event("handled", { function: "orders", attempt: 1 });
  }
  assert.equal(hopper.count("failed"), 0);
  assert.equal(hopper.count("host-ended"), 0);
  assert.deepEqual(hopper.logged("log", { function: "orders" }).map(({ message }) => message), ["first 1"]);

  await using again = await Debugger.attach(url);
  await again.send("Debugger.enable");
  await client.send("orders", "second");
  await again.event("Debugger.paused");
  await again.send("Debugger.resume");
  await hopper.said("orders", "second 1");
});

Deno.test("A function cannot connect to the inspector of another one", async () => {
  await using broker = await startTestBroker();
  const port = freePort();
  await using hopper = await startHopper({
    functions: { orders: stopping(), other: connecting(port) },
    broker: broker.url,
    args: [`--inspect=${port}`, "orders"],
  });
  await using client = await connect(broker.url);
  await client.send("other", "inspector");
  const { error } = await hopper.event("failed", { function: "other" });
  assert.match(
    String(error),
    new RegExp(`functions/other.ts may not connect to "127.0.0.1:${port}", the runtime's inspector`),
  );
});

Deno.test("With --inspect-wait the file is loaded after a debugger attaches, which can stop its top-level code and its setup", async () => {
  await using broker = await startTestBroker();
  const setup = "setupTimeout: 100, setup: () => { debugger; return 1; }";
  await using hopper = await startHopper({
    functions: { orders: `debugger;\n${stopping(setup)}` },
    broker: broker.url,
    args: ["--inspect-wait=0", "orders"],
  });
  await using client = await connect(broker.url);
  await client.send("orders", "first");
  await using debugging = await Debugger.attach(await inspector(hopper));
  await debugging.send("Runtime.enable");
  await debugging.send("Debugger.enable");
  const isLoaded = ({ url }: Record<string, unknown>) => String(url).endsWith("/functions/orders.ts");
  assert.deepEqual(debugging.events.filter(({ params = {} }) => isLoaded(params)), []);
  await debugging.send("Runtime.runIfWaitingForDebugger");
  await debugging.event("Debugger.scriptParsed", isLoaded);
  for (let stops = 1; stops <= 3; stops++) {
    const paused = () => debugging.events.filter(({ method }) => method === "Debugger.paused").length;
    await debugging.event("Debugger.paused", () => paused() >= stops);
    await new Promise((resolve) => setTimeout(resolve, longMs));
    await debugging.send("Debugger.resume");
  }
  await hopper.event("handled", { function: "orders", attempt: 1 });
  assert.equal(hopper.count("failed"), 0);
  assert.equal(hopper.count("unavailable"), 0);
});

Deno.test("With --inspect-wait a debugger that attaches as soon as the port answers stops the file", async () => {
  await using broker = await startTestBroker();
  const port = freePort();
  await using hopper = await startHopper({
    functions: { orders: `debugger;\n${stopping()}` },
    broker: broker.url,
    args: [`--inspect-wait=${port}`, "orders"],
  });
  await using client = await connect(broker.url);
  await client.send("orders", "first");
  await using debugging = await Debugger.attach(await firstAnswer(port));
  await debugging.send("Debugger.enable");
  await debugging.send("Runtime.runIfWaitingForDebugger");
  const paused = () => debugging.events.filter(({ method }) => method === "Debugger.paused").length;
  for (let stops = 1; stops <= 2; stops++) {
    await debugging.event("Debugger.paused", () => paused() >= stops);
    await debugging.send("Debugger.resume");
  }
  await hopper.said("orders", "first 1");
});

/** The address of an inspector, as soon as its port answers. */
async function firstAnswer(port: number): Promise<string> {
  for (;;) {
    const [target] = await fetch(`http://127.0.0.1:${port}/json/list`).then(
      (answer) => answer.json(),
      () => [],
    );
    if (target !== undefined) return target.webSocketDebuggerUrl;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("A run that a debugger stops may outlast its caller, and a runtime that stops does not wait for a debugger", async () => {
  await using broker = await startTestBroker();
  const source = `import { rpc } from "hopper";
export default rpc("total", (n: number, { log }) => { debugger; log("total " + n); return n; });`;
  await using hopper = await startHopper({
    functions: { total: source },
    broker: broker.url,
    args: ["total", "--inspect=0"],
  });
  {
    await using debugging = await Debugger.attach(await inspector(hopper));
    await debugging.send("Debugger.enable");
    await using client = await connect(broker.url);
    const called = assert.rejects(client.call("total", 7, { timeout: 100 }), { code: "CALL_TIMEOUT" });
    await debugging.event("Debugger.paused");
    await called;
    await new Promise((resolve) => setTimeout(resolve, longMs));
    await debugging.send("Debugger.resume");
    await hopper.said("total", "total 7");
  }
  assert.equal(hopper.count("host-ended"), 0);
  assert.equal((await hopper.stop()).code, 0);

  await using waiting = await startHopper({
    functions: { total: source },
    broker: broker.url,
    args: ["--inspect-wait=0", "total"],
  });
  await inspector(waiting);
  assert.equal((await waiting.stop()).code, 0);
});

Deno.test("A saved file is debugged at the same port, or at another one if that is taken", async () => {
  await using broker = await startTestBroker();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using hopper = await startHopper({
    functions: { orders: stopping() },
    broker: broker.url,
    args: [`--inspect=${taken.addr.port}`, "orders"],
  });
  const [first, port] = [await inspector(hopper), taken.addr.port];
  assert.notEqual(portOf(first), port);
  taken.close();
  await hopper.write("orders", stopping("prefetch: 3"));
  const second = await inspector(hopper, 2);
  assert.equal(portOf(second), port);
  await hopper.event("deployed");
  await hopper.write("orders", `// Edited\n${stopping("prefetch: 3")}`);
  const third = await inspector(hopper, 3);
  assert.equal(portOf(third), port);

  await using debugging = await Debugger.attach(third);
  await debugging.send("Debugger.enable");
  await using client = await connect(broker.url);
  await client.send("orders", "edited");
  await debugging.event("Debugger.paused");
  await debugging.send("Debugger.resume");
  await hopper.said("orders", "edited 1");
});

Deno.test("The flag --inspect with a function that does not exist, or has no process, is an error that lists the possible ones", async () => {
  await using folder = await withFolder({
    "functions/orders.ts": stopping(),
    "functions/billing/charge.ts": stopping("", "charge"),
    "deploy.config.ts": `export default { functions: { "billing.*": { isolate: "inline" } } };`,
  });
  const run = (...args: string[]) =>
    hopperCommand(["run", "--no-admin", ...args], { cwd: folder.path, broker: "amqp://127.0.0.1:1" });

  const unknown = await run("--inspect", "order");
  assert.equal(unknown.code, 2);
  assert.match(
    unknown.stderr,
    /No function 'order' to inspect; did you mean 'orders'\? Served are: billing\.charge, orders/,
  );
  const none = await run("--inspect", "orders", "--except", "*");
  assert.equal(none.code, 2);
  assert.match(none.stderr, /No function 'orders' to inspect\. None is served/);
  const nowhere = await run("--inspect=203.0.113.7:9229", "orders");
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /No inspector can listen on 203\.0\.113\.7:9229: AddrNotAvailable/);
  const inline = await run("--inspect=billing.charge");
  assert.equal(inline.code, 2);
  assert.match(
    inline.stderr,
    /'billing\.charge' cannot be inspected: with isolate: "inline" in deploy\.config\.ts it has no process of its own/,
  );
});
