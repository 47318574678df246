/** Calling rpcs over HTTP. */

import assert from "node:assert/strict";
import { testOnBroker } from "../support/test_on_broker.ts";
import { bearer, json, opened } from "./opened.ts";

testOnBroker(
  "An rpc is called with POST, and its reply is the answer, with the type it replied with",
  async ({ broker }) => {
    const functions = {
      add: `export default rpc("math.add", ({ a, b }: { a: number; b: number }) => ({ sum: a + b }));`,
      text: `export default rpc("a name/with slash", (input: unknown) => \`got \${JSON.stringify(input)}\`);`,
      bytes: `export default rpc("bytes", { codec: "bytes" }, (input: Uint8Array) => input.toReversed());`,
    };
    await using to = await opened(broker, { functions });

    const sum = await to.post("/call/math.add", `{"a": 1, "b": 2}`, json);
    assert.equal(sum.status, 200);
    assert.equal(sum.headers.get("content-type"), "application/json");
    assert.equal(sum.headers.get("x-content-type-options"), "nosniff");
    assert.deepEqual(await sum.json(), { sum: 3 });

    const none = await to.post("/call/a%20name%2Fwith%20slash");
    assert.deepEqual([none.headers.get("content-type"), await none.json()], ["application/json", "got null"]);
    const text = await to.post("/call/a%20name%2Fwith%20slash", "é", { "content-type": "text/plain" });
    assert.equal(await text.json(), `got "é"`);
    assert.equal((await to.post("/call/bytes", "x", { "content-encoding": "gzip" })).status, 415);

    const bytes = await to.post("/call/bytes", new Uint8Array([0, 1, 255]));
    assert.equal(bytes.headers.get("content-type"), "application/octet-stream");
    assert.deepEqual([...await bytes.bytes()], [255, 1, 0]);
  },
);

testOnBroker("A function's error is the answer, as problem+json with its status", async ({ broker }) => {
  const functions = {
    fails: `export default rpc("fails", (status: number) => {
      throw new RpcError("NO_SUCH_ITEM", { detail: "There is no item", status, data: { at: 1 } });
    });`,
    breaks: `export default rpc("breaks", () => { throw new Error("bad luck"); });`,
    checks: `import { z } from "zod";
      export default rpc("checks", { input: z.object({ n: z.number() }) }, ({ n }) => n);`,
  };
  await using to = await opened(broker, { functions });

  const known = await to.post("/call/fails", "404", json);
  assert.equal(known.status, 404);
  assert.equal(known.headers.get("content-type"), "application/problem+json");
  assert.deepEqual(await known.json(), {
    type: "urn:hopper:problem:NO_SUCH_ITEM",
    title: "No such item",
    status: 404,
    detail: "There is no item",
    code: "NO_SUCH_ITEM",
    data: { at: 1 },
  });
  assert.equal((await to.post("/call/fails", "200", json)).status, 500);
  const broken = await to.post("/call/breaks");
  assert.deepEqual([broken.status, (await broken.json()).code], [500, "HANDLER_FAILED"]);

  const wrong = await to.post("/call/checks", `{"n": "x"}`, json);
  const problem = await wrong.json();
  assert.deepEqual([wrong.status, problem.status, problem.code], [400, 400, "INVALID_INPUT"]);
  assert.deepEqual(problem.issues[0].path, ["n"]);
  const unreadable = await to.post("/call/checks", `{"n"`, json);
  assert.deepEqual([unreadable.status, (await unreadable.json()).code], [400, "BAD_REQUEST"]);
});

testOnBroker(
  "A call that nobody serves is answered with 404, and one that takes too long with 504",
  async ({ broker }) => {
    const functions = {
      slow: `export default rpc("slow", async (_: null, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    });`,
    };
    await using to = await opened(broker, { functions, http: { anonymous: { call: ["*", "gone"] } } });

    const gone = await to.post("/call/gone");
    assert.deepEqual([gone.status, (await gone.json()).code], [404, "NO_SUCH_FUNCTION"]);

    const late = await to.post("/call/slow", undefined, { "x-hopper-timeout": "150" });
    assert.equal(late.status, 504);
    const waited = await to.post("/call/slow", undefined, { prefer: "respond-async, wait=1" });
    assert.equal(waited.status, 504);
    for (const timeout of ["0", "soon", "1000000000"]) {
      assert.equal((await to.post("/call/slow", undefined, { "x-hopper-timeout": timeout })).status, 400);
    }
  },
);

testOnBroker("The answer says which wait was applied", async ({ broker }) => {
  await using to = await opened(broker, { functions: { f: `export default rpc("f", () => 1);` } });
  const answer = await to.post("/call/f", undefined, { prefer: "wait=100000" });
  assert.equal(await answer.json(), 1);
  assert.equal(answer.headers.get("preference-applied"), "wait=600");
});

testOnBroker("Headers of a request are headers of the message", async ({ broker }) => {
  const f =
    `export default rpc("f", (_: unknown, { message }) => [message.headers, message.contentEncoding]);`;
  await using to = await opened(broker, { functions: { f } });
  const answer = await to.post("/call/f", `1`, {
    "x-hopper-header-region": "eu",
    "x-hopper-headers": `{"Tries": 3, "ok": true}`,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    cookie: "secret=1",
  });
  const [{ "x-hopper-timeout": timeout, ...headers }] = await answer.json();
  assert.ok(timeout > 20_000);
  assert.deepEqual(headers, {
    region: "eu",
    Tries: 3,
    ok: true,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  });
  for (const given of ["[1]", "{", `{"CC": ["secret"]}`, `{"BCC": ["x"]}`, `{"x-hopper-attempts": 9}`]) {
    assert.equal((await to.post("/call/f", "1", { "x-hopper-headers": given })).status, 400);
  }
  assert.equal((await to.post("/call/f", "1", { "x-hopper-header-cc": "secret" })).status, 400);
});

testOnBroker("A client that leaves ends its call", async ({ broker }) => {
  const functions = {
    slow: `export default rpc("slow", async (_: null, { log, signal }) => {
      log("begun");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    });`,
  };
  await using to = await opened(broker, { functions, http: { anonymous: { call: ["slow"] }, inFlight: 1 } });
  const leaving = new AbortController();
  const headers = { "x-hopper-timeout": "2000" };
  const call = fetch(`${to.url}/call/slow`, { method: "POST", signal: leaving.signal, headers });
  await to.app.event("log", { message: "begun" });
  assert.equal((await to.post("/call/slow")).status, 429);
  leaving.abort();
  await assert.rejects(call);

  // The place of the one that left is free.
  for (;;) {
    const { status } = await to.post("/call/slow", undefined, { "x-hopper-timeout": "50" });
    if (status === 429) continue;
    assert.equal(status, 504);
    break;
  }
  assert.deepEqual(to.faults, []);
});

testOnBroker(
  "Requests beyond the limit are answered with 429 at once, and bodies beyond theirs with 413",
  async ({ broker }) => {
    const functions = {
      waits: `export default rpc("waits", { concurrency: 10 }, async () => { await released(); return 1; });`,
      size: `export default rpc("size", { codec: "bytes" }, (bytes: Uint8Array) => bytes.length);`,
    };
    const http = { anonymous: { call: ["*"] }, inFlight: 2, maxBody: 1000 };
    await using to = await opened(broker, { functions, http });

    const large = await to.post("/call/size", new Uint8Array(1001));
    assert.deepEqual([large.status, (await large.json()).code], [413, "BODY_TOO_LARGE"]);
    const stream = new Blob([new Uint8Array(5000)]).stream();
    assert.equal((await to.post("/call/size", stream)).status, 413);
    assert.equal(await (await to.post("/call/size", new Uint8Array(1000))).json(), 1000);

    const working = [to.post("/call/waits"), to.post("/call/waits")];
    await to.app.events("started", 2, {});
    const refused = await to.post("/call/size", "x");
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("retry-after"), "1");
    assert.equal((await refused.json()).code, "TOO_MANY_REQUESTS");
    await to.app.release(2);
    for (const answer of working) assert.equal(await (await answer).json(), 1);
    assert.equal((await to.post("/call/size", "x")).status, 200);
    assert.deepEqual(to.faults, []);
  },
);

testOnBroker("A file that is dropped can be called at once", async ({ broker }) => {
  await using to = await opened(broker, { watch: {} });
  const unknown = await to.post("/call/late");
  assert.deepEqual([unknown.status, (await unknown.json()).code], [404, "NO_SUCH_FUNCTION"]);
  await to.app.write("late", `export default rpc("late", () => "here");`);
  await to.app.event("deployed", { function: "late" });
  assert.equal(await (await to.post("/call/late")).json(), "here");
});

testOnBroker("Only what is written may be done, by those whose token it is", async ({ broker }) => {
  const functions = {
    a: `export default rpc("orders.a", () => "a");`,
    b: `export default rpc("orders.b", () => "b");`,
  };
  await broker.channel.assertQueue("orders.other");
  const http = {
    tokens: {
      shop: { env: "SHOP_TOKEN", call: ["orders.*"] },
      bank: { env: "BANK_TOKEN", call: ["orders.a"], send: ["orders.other"] },
    },
    anonymous: { call: ["orders.b"] },
  };
  await using to = await opened(broker, { functions, http });
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await to.post(path, undefined, headers)).status;
  const [shop, bank] = [bearer("SHOP_TOKEN"), bearer("BANK_TOKEN")];
  assert.deepEqual([await status("/call/orders.a", shop), await status("/call/orders.b", shop)], [200, 200]);
  assert.deepEqual([await status("/call/orders.a", bank), await status("/call/orders.b", bank)], [200, 403]);
  assert.deepEqual([await status("/call/orders.a"), await status("/call/orders.b")], [401, 200]);
  // A glob is for rpcs of the folder: this would be a message to any queue.
  assert.equal(await status("/call/orders.other", shop), 404);
  assert.equal(await status("/send/orders.other", shop), 403);
  assert.equal(await status("/send/orders.other", bank), 202);
  assert.equal(await status("/call/orders.a", { authorization: "Bearer wrong-0123456789abcdef" }), 401);
  assert.equal(await status("/call/orders.b", { authorization: "Basic c2hvcDpzaG9w" }), 401);
  // A proxy may pass on the name that its clients know; without a token that could be a page of another site.
  const proxied = { origin: "https://shop.example", ...shop };
  assert.equal(await status("/call/orders.a", proxied), 200);
  assert.equal(await status("/call/orders.b", { origin: "https://shop.example" }), 403);
  const refused = await to.post("/call/orders.a");
  assert.equal(refused.headers.get("www-authenticate"), `Bearer realm="hopper"`);
  assert.match((await refused.json()).detail, /needs a token/);
});
