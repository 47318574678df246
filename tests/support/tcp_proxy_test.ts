import assert from "node:assert/strict";
import { startTcpProxy, type TcpProxy } from "./tcp_proxy.ts";

Deno.test("The TCP proxy carries bytes both ways", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy(echo.port);
  using client = await connect(proxy);

  await client.say("hello");

  assert.equal(await client.hear(), "hello");
});

Deno.test("After a cut the TCP proxy closes connections, and new ones at once, until it heals", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy(echo.port);
  using before = await connect(proxy);

  proxy.cut();

  assert.equal(await before.hear(), undefined);
  using during = await connect(proxy);
  assert.equal(await during.hear(), undefined);
  proxy.heal();
  using after = await connect(proxy);
  await after.say("hello");
  assert.equal(await after.hear(), "hello");
});

Deno.test("After a black hole of the TCP proxy old connections stay dead, and a new one works", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy(echo.port);
  using before = await connect(proxy);
  await before.say("one");
  assert.equal(await before.hear(), "one");

  proxy.blackHole();
  await before.say("two");
  using during = await connect(proxy);
  while (proxy.connections < 2) await new Promise((resolve) => setTimeout(resolve, 1));

  proxy.heal();
  await during.say("two");
  using after = await connect(proxy);
  await after.say("three");
  assert.equal(await after.hear(), "three");
  assert.deepEqual(echo.heard, ["one", "three"]);
});

Deno.test("On a half-open link the TCP proxy passes requests to the server and drops its answers", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy(echo.port);
  using client = await connect(proxy);

  proxy.halfOpen("to client");
  await client.say("hello");

  await echo.next();
  assert.deepEqual(echo.heard, ["hello"]);
});

Deno.test("The TCP proxy delays bytes each way and keeps their order", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy(echo.port);
  using client = await connect(proxy);

  proxy.delay(50);
  const started = performance.now();
  await client.say("a");

  assert.equal(await client.hear(), "a");
  assert.ok(performance.now() - started >= 95);
});

Deno.test("The TCP proxy replaces the next bytes with noise once", async () => {
  await using echo = startEcho();
  await using proxy = startTcpProxy(echo.port);
  using client = await connect(proxy);
  await client.say("hello");
  await client.hear();

  proxy.corrupt();
  await client.say("a long enough text");
  assert.notEqual(await client.hear(), "a long enough text");

  await client.say("hello");
  assert.equal(await client.hear(), "hello");
});

interface Echo extends AsyncDisposable {
  readonly port: number;
  readonly heard: string[];
  /** Resolves when the server has received something. */
  next(): Promise<void>;
}

function startEcho(): Echo {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const heard: string[] = [];
  const first = Promise.withResolvers<void>();
  const serving = (async () => {
    const all: Promise<void>[] = [];
    for await (const conn of listener) all.push(serve(conn));
    await Promise.all(all);
  })();
  async function serve(conn: Deno.TcpConn) {
    const buffer = new Uint8Array(1024);
    try {
      for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
        heard.push(new TextDecoder().decode(buffer.subarray(0, n)));
        first.resolve();
        await conn.write(buffer.subarray(0, n));
      }
    } catch {
      // The proxy may close a connection at any time.
    }
    conn.close();
  }
  return {
    port: listener.addr.port,
    heard,
    next: () => first.promise,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function connect({ port }: TcpProxy) {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(1024);
  return {
    async say(text: string) {
      await conn.write(new TextEncoder().encode(text));
    },
    /** `undefined` if the connection has closed. */
    async hear() {
      try {
        const n = await conn.read(buffer);
        return n === null ? undefined : new TextDecoder().decode(buffer.subarray(0, n));
      } catch {
        return undefined;
      }
    },
    [Symbol.dispose]: () => conn.close(),
  };
}
