import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { brokenShop, dead, deadJson, fail, refused } from "../support/dead_letters.ts";
import { withFolder } from "../support/folder.ts";
import { hopperCommand } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "The command 'dead show' prints headers exactly: all digits, bytes in base64, times",
  async ({ broker, vhost }) => {
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
  },
);

testOnBroker(
  "The commands 'dead list' and 'dead show' print what failed, why, when and where it came from",
  async ({ broker }) => {
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
  },
);

testOnBroker(
  "The command 'dead list' without a queue lists the queues that have dead letters",
  async ({ broker }) => {
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

    for (const queue of ["failing.dead", "mended.dead", "sub.d.dead"]) {
      await broker.channel.assertQueue(
        queue,
      );
    }
    for (const queue of ["failing.dead", "failing.dead", "sub.d.dead"]) await broker.send(queue, "x");
    const { code, stdout } = await list();
    assert.equal(code, 0);
    assert.equal(stdout, "QUEUE    DEAD LETTERS\nfailing  2\nsub.d    1\n");
    assert.equal((await list("--json")).stdout.split("\n")[0], '{"queue":"failing","deadLetters":2}');
  },
);

testOnBroker(
  "The commands 'dead list' and 'dead show' find the dead letters of a function that handles dead letters",
  async ({ broker }) => {
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
  },
);

testOnBroker("The command 'dead purge' deletes only with --yes", async ({ broker }) => {
  await broker.channel.assertQueue("orders.dead");
  for (const body of ["a", "b"]) await broker.send("orders.dead", body);

  assert.equal(await dead(broker, "purge", "orders"), "2 would be deleted for good; add --yes to do it\n");
  assert.equal(await broker.waiting("orders.dead"), 2);
  assert.deepEqual(await deadJson(broker, "purge", "orders", "--yes"), [{ purged: 2 }]);
  assert.equal(await broker.waiting("orders.dead"), 0);
});

testOnBroker("The dead commands exit with 1 if the queue or message does not exist", async ({ broker }) => {
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
