import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { runApp, type TestApp } from "../support/app.ts";
import { withFolder } from "../support/folder.ts";
import { hopperCommand, startCommand } from "../support/hopper.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();
const test = (name: string, run: () => Promise<void>) => Deno.test(name, { ignore: !rabbitmq }, run);

/** Runs `hopper dead …`, and gives what it printed. Expects it to succeed. */
async function dead(broker: Broker, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hopperCommand(["dead", ...args], { broker: broker.url });
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The same where it prints JSON, an object a line. */
// deno-lint-ignore no-explicit-any -- what it printed is what is tested
async function deadJson(broker: Broker, ...args: string[]): Promise<any[]> {
  return (await dead(broker, ...args, "--json")).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Runs `hopper dead …`, expects it to fail and gives what it said. */
async function refused(broker: Broker, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hopperCommand(["dead", ...args], { broker: broker.url });
  assert.equal(code, 1, stdout + stderr);
  return stderr.trim();
}

/** An app whose function `shop.orders` fails for good, until the test mends it; its queue is `orders`. */
function brokenShop(broker: Broker): Promise<TestApp> {
  return runApp({
    functions: {
      "shop/orders": `let mended = false;
      addEventListener("mend", () => mended = true, { once: true });
      export default topic("shop", "order.*", { queue: "orders", retry: false, pause: false }, async (_, { message, log, call }) => {
        log(message.id, { exchange: message.exchange, key: message.routingKey });
        const inStock = await call("stock").then(() => true, () => false);
        if (!inStock) throw new TypeError("Out of \\x1b[31mstock\\nand luck");
      });`,
    },
    broker,
  });
}
const mend = (broker: Broker) => broker.serve("stock");

/** Publishes messages with the ids `m1`, `m2` … and waits until they are dead letters. */
async function fail(app: TestApp, broker: Broker, count: number): Promise<void> {
  for (let i = 1; i <= count; i++) {
    await broker.publish("shop", "order.new", JSON.stringify({ order: i }), {
      messageId: `m${i}`,
      contentType: "application/json",
      headers: { tenant: "a" },
    });
  }
  await app.events("dead-lettered", count);
}

test("dead show prints headers with nothing lost: all digits, bytes in base64, times", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("orders.dead");
  await using hopper = await connect(vhost.url);
  const headers = {
    big: 2n ** 53n + 1n,
    sum: new Uint8Array([0, 255]),
    at: new Date(0),
    list: [-(2n ** 63n)],
  };
  await hopper.send("orders.dead", "x", { headers });

  const shown = await dead(broker, "show", "orders");
  const line = await dead(broker, "list", "orders", "--json");

  for (
    const [name, value] of Object.entries(
      {
        big: "9007199254740993",
        list: "[-9223372036854775808]",
        sum: '{"base64":"AP8="}',
        at: '"1970-01-01T00:00:00.000Z"',
      },
    )
  ) {
    const json = `"${name}":${value}`;
    assert.ok(line.includes(json), `${json} in ${line}`);
    assert.ok(shown.replaceAll(/\s/g, "").includes(json), `${json} in ${shown}`);
  }
});

test("dead list and show: what failed, why, when and where it came from", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  const app = await brokenShop(broker);
  await fail(app, broker, 3);
  await app[Symbol.asyncDispose]();
  await broker.send("orders.dead", new Uint8Array([0, 255]), { contentType: "application/octet-stream" });

  const table = await dead(broker, "list", "orders");
  const lines = await deadJson(broker, "list", "orders");
  const first = await deadJson(broker, "list", "orders.dead", "--max", "2");
  const shown = await dead(broker, "show", "orders", "m2");
  const chosen = await deadJson(broker, "show", "orders", "m3", "m1");

  assert.match(table, /^ID +FAILED AT +ATTEMPTS +FUNCTION +ERROR/);
  assert.match(
    table,
    /^m1 +\d{4}-\d\d-\d\dT\S+Z +1 +shop\.orders +TypeError: Out of \\x1b\[31mstock\\x0aand luck \(.*orders\.ts:\d+:\d+\)$/m,
  );
  assert.ok(!table.includes("\x1b"), "what a message carries cannot speak to the terminal");
  const { failedAt, headers, at, ...letter } = lines[0];
  assert.match(at, /shop\/orders\.ts:\d+:\d+$/);
  assert.deepEqual(letter, {
    id: "m1",
    function: "shop.orders",
    error: "TypeError: Out of \x1b[31mstock\nand luck",
    attempts: 1,
    source: "shop:order.new",
    replays: 0,
    contentType: "application/json",
    body: { order: 1 },
  });
  assert.ok(Math.abs(Date.now() - Date.parse(failedAt)) < 60_000);
  assert.equal(headers.tenant, "a");
  assert.deepEqual(lines.map(({ id }) => id), ["m1", "m2", "m3", ""], "the oldest first");
  assert.equal(lines[3].bodyBase64, "AP8=");
  assert.deepEqual(first.map(({ id }) => id), ["m1", "m2"]);
  assert.deepEqual(JSON.parse(shown).body, { order: 2 });
  assert.deepEqual(chosen.map(({ id }) => id), ["m1", "m3"]);
  assert.equal(await broker.waiting("orders.dead"), 4, "looking changes nothing");
});

test("dead list alone lists the queues that have dead letters", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  const written = (name: string) =>
    `import { queue } from "hopper"; export default queue("${name}", () => {});`;
  await using folder = await withFolder({
    "functions/a.ts": written("failing"),
    "functions/b.ts": written("never failed"),
    "functions/c.ts": written("mended"),
    "functions/sub/d.ts": `import { fanout } from "hopper"; export default fanout("x", () => {});`,
  });
  const list = (...args: string[]) =>
    hopperCommand(["dead", "list", ...args], { broker: broker.url, cwd: folder.path });
  assert.equal((await list()).stdout, "No dead letters of the functions in functions\n");

  for (const queue of ["failing.dead", "mended.dead", "sub.d.dead"]) await broker.channel.assertQueue(queue);
  for (const queue of ["failing.dead", "failing.dead", "sub.d.dead"]) await broker.send(queue, "x");
  const { code, stdout } = await list();
  assert.equal(code, 0);
  assert.equal(stdout, "QUEUE    DEAD LETTERS\nfailing  2\nsub.d    1\n");
  assert.equal((await list("--json")).stdout.split("\n")[0], '{"queue":"failing","deadLetters":2}');
});

test("dead replay: what is mended runs again, as it was published", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await using app = await brokenShop(broker);
  await fail(app, broker, 3);

  assert.equal(await dead(broker, "replay", "orders"), "3 would be replayed; add --yes to do it\n");
  assert.deepEqual(await deadJson(broker, "replay", "orders", "--max", "2"), [{ wouldReplay: 2 }]);
  assert.equal(await broker.waiting("orders.dead"), 3);

  await dead(broker, "replay", "orders", "m2");
  await app.event("failed", { messageId: "m2", attempt: 1 });
  await app.events("dead-lettered", 2, { messageId: "m2" });
  const replayed = (await deadJson(broker, "show", "orders", "m2"))[0];
  assert.equal(replayed.replays, 1);
  assert.equal(replayed.source, "shop:order.new");
  assert.equal(replayed.attempts, 1, "its runs count from the beginning");

  await mend(broker);
  assert.deepEqual(await deadJson(broker, "replay", "orders", "--yes", "--max", "1"), [
    { replayed: 1, interrupted: false },
  ]);
  await app.event("handled", { messageId: "m1" });
  assert.equal(await dead(broker, "replay", "orders", "--yes"), "2 replayed\n");
  await app.events("handled", 3);

  assert.equal(await broker.waiting("orders.dead"), 0);
  const seen = new Set(app.seen("log").map(({ message, data }) => JSON.stringify({ message, ...data })));
  assert.deepEqual(
    [...seen].sort(),
    ["m1", "m2", "m3"].map((message) => JSON.stringify({ message, exchange: "shop", key: "order.new" })),
  );
});

test("dead replay sends to the original queue and nowhere else", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  for (const queue of ["orders", "orders.dead", "bank"]) await broker.channel.assertQueue(queue);
  await broker.send("orders.dead", "forged", {
    messageId: "m1",
    CC: ["bank"],
    headers: { "x-hopper-exchange": "", "x-hopper-routing-key": "bank", "x-hopper-source": ":bank" },
  });
  // RabbitMQ sent a copy when it was published; this is about what the replay does.
  await broker.channel.purgeQueue("bank");

  await dead(broker, "replay", "orders", "--yes");

  assert.equal(await broker.waiting("bank"), 0);
  assert.equal((await broker.next("orders")).properties.messageId, "m1");
});

/** An app whose function `log.watch` has a queue of its own in each instance, and fails until the test mends it. */
function brokenWatch(broker: Broker): Promise<TestApp> {
  return runApp({
    functions: {
      "log/watch": `export default topic("logs", "app.*", { exclusive: true, retry: false, pause: false },
        async (_, { message, log, call }) => {
          log(message.id, { exchange: message.exchange, key: message.routingKey, headers: { ...message.headers } });
          if (!await call("stock").then(() => true, () => false)) throw new Error("No");
        });`,
    },
    broker,
  });
}

test("dead replay: an exclusive function's messages go to their exchange and key, as its queue is gone", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  const before = await brokenWatch(broker);
  for (const id of ["m1", "m2"]) {
    await broker.publish("logs", "app.new", id, { messageId: id, headers: { tenant: "a" } });
  }
  await before.events("dead-lettered", 2);
  await before[Symbol.asyncDispose]();
  assert.match(await refused(broker, "replay", "log.watch", "--yes"), /nothing was sent|no queue/i);
  assert.equal(await broker.waiting("log.watch.dead"), 2, "nobody is there to take them");

  await using app = await brokenWatch(broker);
  assert.equal(await dead(broker, "replay", "log.watch", "m1"), "1 replayed\n");
  await app.event("dead-lettered", { messageId: "m1" });
  await mend(broker);
  assert.equal(await dead(broker, "replay", "log.watch", "--yes"), "2 replayed\n");
  await app.events("handled", 2);

  assert.equal(await broker.waiting("log.watch.dead"), 0);
  const seen = app.seen("log").map((
    { message, data },
  ) => [message, data!.exchange, data!.key, data!.headers]);
  const headers = (replays: number) => ({ tenant: "a", "x-hopper-replays": replays });
  assert.deepEqual(seen, [
    ["m1", "logs", "app.new", headers(1)],
    ["m2", "logs", "app.new", headers(1)],
    ["m1", "logs", "app.new", headers(2)],
  ]);
});

test("dead list and show find the letters of a function that handles dead letters", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  const written = (queue: string) =>
    `import { queue } from "hopper"; export default queue("${queue}", () => {});`;
  await using folder = await withFolder({
    "functions/orders.ts": written("orders"),
    "functions/undertaker.ts": written("orders.dead"),
    "elsewhere/orders.ts": written("orders"),
  });
  for (const queue of ["orders.dead", "orders.dead.dead"]) await broker.channel.assertQueue(queue);
  await broker.send("orders.dead", "a", { messageId: "m1" });
  for (const id of ["m2", "m3"]) await broker.send("orders.dead.dead", id, { messageId: id });
  const list = (...args: string[]) =>
    hopperCommand(["dead", "list", ...args], { broker: broker.url, cwd: folder.path });

  const all = "QUEUE        DEAD LETTERS\norders       1\norders.dead  2\n";
  assert.equal((await list()).stdout, all);
  assert.equal((await list("--functions", "elsewhere")).stdout, all, "whoever consumes orders.dead");

  const orders = (await list("orders")).stdout;
  assert.match(orders, /^m1 /m);
  assert.match(
    orders,
    /2 more failed in the function that consumes 'orders\.dead': hopper dead list orders\.dead/,
  );
  const { stdout, stderr } = await list("orders", "--json");
  assert.deepEqual(stdout.trim().split("\n").map((line) => JSON.parse(line).id), ["m1"]);
  assert.match(stderr, /2 more failed .*hopper dead list orders\.dead/);

  const ids = async (queue: string) => (await deadJson(broker, "list", queue)).map(({ id }) => id);
  assert.deepEqual(await ids("orders.dead"), ["m2", "m3"]);
  assert.deepEqual(await ids("orders.dead.dead"), ["m2", "m3"]);
  const shown = await hopperCommand(["dead", "show", "orders.dead", "m3"], { broker: broker.url });
  assert.equal(JSON.parse(shown.stdout).id, "m3");
  assert.match(shown.stderr, /'orders\.dead' is read as the queue .* they are in 'orders\.dead\.dead'/);
  assert.equal(await dead(broker, "replay", "orders.dead", "m2"), "1 replayed\n");
  assert.equal(await dead(broker, "purge", "orders.dead", "--yes"), "1 deleted\n");
  assert.equal(await broker.waiting("orders.dead"), 2, "m1, and m2 that was replayed");
});

test("dead replay: a queue that is gone leaves its dead letters where they are", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("gone.dead");
  await broker.send("gone.dead", "a", { messageId: "m1" });

  assert.match(
    await refused(broker, "replay", "gone", "--yes"),
    /^hopper: No queue 'gone': nothing was sent/,
  );
  assert.equal(await broker.waiting("gone.dead"), 1);
});

test("dead purge deletes only with --yes", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("orders.dead");
  for (const body of ["a", "b"]) await broker.send("orders.dead", body);

  assert.equal(await dead(broker, "purge", "orders"), "2 would be deleted for good; add --yes to do it\n");
  assert.equal(await broker.waiting("orders.dead"), 2);
  assert.deepEqual(await deadJson(broker, "purge", "orders", "--yes"), [{ purged: 2 }]);
  assert.equal(await broker.waiting("orders.dead"), 0);
});

test("What is not there is said, with exit code 1", async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("empty.dead");

  assert.deepEqual(
    await Promise.all([
      dead(broker, "list", "orders"),
      dead(broker, "purge", "orders", "--yes"),
      dead(broker, "replay", "orders", "--yes"),
      refused(broker, "show", "empty", "m1"),
      refused(broker, "replay", "empty", "m1", "m2"),
      dead(broker, "list", "empty"),
    ]),
    [
      "No dead letters of 'orders'\n",
      "0 deleted\n",
      "0 replayed\n",
      "hopper: No dead letter of 'empty' has the id m1",
      "hopper: No dead letter of 'empty' has the id m1, m2",
      "No dead letters of 'empty'\n",
    ],
  );
});

/** Begins to replay many dead letters, sends the signal when some have arrived, and says where each id is then. */
async function interrupt(signal: Deno.Signal) {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  const count = 2000;
  const ids = Array.from({ length: count }, (_, i) => `m${i}`);
  for (const queue of ["orders", "orders.dead"]) await broker.channel.assertQueue(queue);
  await Promise.all(ids.map((id) => broker.send("orders.dead", id, { messageId: id, persistent: true })));

  const flags = ["--broker", broker.url, "--max", `${count}`, "--yes", "--json"];
  await using replay = startCommand(["dead", "replay", "orders", ...flags], {});
  const arrived = await broker.take("orders", 50);
  replay.signal(signal);
  const exit = await replay.exit();

  const take = async (queue: string) => await broker.take(queue, await broker.waiting(queue));
  const idsOf = (messages: typeof arrived) =>
    messages.map(({ properties }) => properties.messageId as string);
  const replayed = idsOf([...arrived, ...await take("orders")]);
  const kept = idsOf(await take("orders.dead"));
  return { exit, ids, replayed, kept };
}

test("dead replay, interrupted half-way: each message is here or there, once", async () => {
  const { exit, ids, replayed, kept } = await interrupt("SIGINT");

  assert.deepEqual(JSON.parse(exit.stdout), { replayed: replayed.length, interrupted: true });
  assert.equal(exit.code, 0, exit.stderr);
  assert.ok(replayed.length < ids.length, "it was interrupted");
  assert.deepEqual([...replayed, ...kept], ids, "in the order they had");
});

test("dead replay, killed half-way: nothing is lost, and at most one message is here and there", async () => {
  const { ids, replayed, kept } = await interrupt("SIGKILL");

  assert.ok(replayed.length < ids.length, "it was killed before its end");
  assert.deepEqual(new Set([...replayed, ...kept]), new Set(ids));
  assert.ok(replayed.length + kept.length <= ids.length + 1);
});
