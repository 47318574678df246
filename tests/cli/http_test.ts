/** `hopper run --http`, as a user runs it. */

import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { hopperCommand, spawnHopper, startHopper } from "../support/hopper.ts";
import { withFolder } from "../support/folder.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/process.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const waits = `import { rpc } from "hopper";
export default rpc("waits", async (text, { log, call }) => {
  log("begun");
  await call("gate", null);
  return "done " + text;
});`;

testOnBroker(
  "hopper run --http answers calls, and a stop finishes those that are under way",
  async ({ broker, vhost }) => {
    const port = freePort();
    await broker.channel.assertQueue("gate");
    await using hopper = await startHopper({
      functions: { waits },
      broker: vhost.url,
      args: ["--http", `${port}`],
      config: `export default { functions: { waits: { timeout: "20s" } } };`,
    });
    const url = `http://127.0.0.1:${port}/call/waits`;
    const call = run("curl", ["-sS", "--json", `"a"`, url]);
    await hopper.said("waits", "begun");

    hopper.signal("SIGTERM");
    await hopper.event("draining");
    await assert.rejects(fetch(url, { method: "POST" }));
    await broker.reply(await broker.next("gate"), "null");

    const { code, stdout } = await call;
    assert.deepEqual([code, stdout], [0, `"done a"`]);
    assert.equal((await hopper.exit()).code, 0);
  },
);

testOnBroker("A change of who may do what over HTTP is told to need a restart", async ({ vhost }) => {
  const config = (name: string) => `export default { http: { anonymous: { call: ["${name}"] } } };`;
  await using hopper = await startHopper({
    functions: { waits },
    broker: vhost.url,
    args: ["--http", `${freePort()}`],
    config: config("a"),
  });
  await Deno.writeTextFile(`${hopper.dir}/deploy.config.ts`, config("b"));
  await hopper.event("notice", ({ message }) => /restart the runtime/.test(message!));
});

testOnBroker(
  "Over MCP, functions are tools; a dropped file is one more, and clients are told",
  async ({ vhost }) => {
    const port = freePort();
    const tool = (name: string) =>
      `import { rpc } from "hopper";
    import { z } from "zod";
    /** Says ${name}. */
    export default rpc("${name}", { input: z.object({}) }, () => "${name}");`.replace(/^ +/gm, "");
    await using hopper = await startHopper({
      functions: { one: tool("one") },
      broker: vhost.url,
      args: ["--http", `${port}`],
    });
    const changed = Promise.withResolvers<void>();
    const client = new Client({ name: "test", version: "1" }, {
      listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => changed.resolve() } },
    });
    await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
    const call = async (name: string) => (await client.callTool({ name, arguments: {} })).content;
    assert.deepEqual(await call("one"), [{ type: "text", text: "one" }]);

    await hopper.write("two", tool("two"));
    await changed.promise;
    const { tools } = await client.listTools();
    const descriptions = tools.map(({ description }: { description?: string }) => description);
    assert.deepEqual(descriptions, ["Says one.", "Says two."]);
    assert.deepEqual(await call("two"), [{ type: "text", text: "two" }]);
    await client.close();
  },
);

Deno.test("hopper run --http does not start where nobody could use it, or the address is taken", async () => {
  await using folder = await withFolder({ "functions/f.ts": "" });
  const broker = "amqp://127.0.0.1:1";
  const start = (address: string) =>
    hopperCommand(["run", "--no-admin", "--http", address], { broker, cwd: folder.at("") });

  const open = await start(`0.0.0.0:${freePort()}`);
  assert.equal(open.code, 1);
  assert.match(
    open.stderr,
    /would let nobody in: deploy\.config\.ts names no client; write: http: \{ tokens/,
  );

  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const second = await start(`127.0.0.1:${(taken.addr as Deno.NetAddr).port}`);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /is taken by another program; choose another with --http HOST:PORT/);

  const wrong = await start("nowhere");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /'nowhere' is not an address for functions over HTTP; expected HOST:PORT/);
});

testOnBroker("A client's token is read from its variable", async ({ vhost }) => {
  const port = freePort();
  const options = {
    functions: { f: `import { rpc } from "hopper"; export default rpc("f", () => 1);` },
    broker: vhost.url,
    args: ["--http", `${port}`],
    config: `export default { http: { tokens: { shop: { env: "SHOP_TOKEN", call: ["f"] } } } };`,
  };
  await using unset = await spawnHopper(options);
  const { code, stderr } = await unset.exit();
  assert.equal(code, 1);
  assert.match(stderr, /'shop' has its token in the variable 'SHOP_TOKEN', which is not set/);

  const token = "shop-0123456789abcdef";
  await using _hopper = await startHopper({ ...options, env: { SHOP_TOKEN: token } });
  const call = async (headers?: HeadersInit) => {
    const response = await fetch(`http://127.0.0.1:${port}/call/f`, { method: "POST", headers });
    return [response.status, (await response.text()).length > 0];
  };
  assert.deepEqual(await call(), [401, true]);
  assert.deepEqual(await call({ authorization: `Bearer ${token}` }), [200, true]);
});
