import assert from "node:assert/strict";
import { start } from "../support/process.ts";
import { serveHttp } from "../../runtime/http/server.ts";
import { head, raw, send, serving, until, untilClosed } from "./serving.ts";

const echo = ({ method, url, headers }: Request) =>
  Response.json([method, new URL(url).pathname, headers.get("x-a")]);

Deno.test("The HTTP server answers a request whose body nobody reads, and then closes the connection", () =>
  serving(echo, {}, async (server, url) => {
    const response = await fetch(`${url}/a/b?c`, {
      method: "POST",
      body: "x".repeat(100_000),
      headers: { "x-a": "1" },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("connection"), "close");
    assert.deepEqual(await response.json(), ["POST", "/a/b", "1"]);

    const text = await raw(server, "HEAD / HTTP/1.0\r\n\r\n");
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.match(text, /content-length: 17\r\n/);
    assert.match(text, /\r\n\r\n$/);
  }));

Deno.test("The HTTP server reads a request that arrives byte by byte", () =>
  serving(echo, {}, async (server) => {
    using connection = await Deno.connect(server);
    connection.setNoDelay(true);
    for (const byte of head("GET /x HTTP/1.1", "Connection: close")) await send(connection, byte);
    assert.match(await untilClosed(connection), /\["GET","\/x",null\]$/);
  }));

Deno.test("Several requests share a connection, also if they are sent before the first is answered", () =>
  serving(
    async (request) => {
      const text = await request.text();
      if (text === "slow") await new Promise((resolve) => setTimeout(resolve, 50));
      return new Response(`${new URL(request.url).pathname}:${text};`);
    },
    {},
    async (server) => {
      const post = (path: string, body: string, ...headers: string[]) =>
        head(`POST ${path} HTTP/1.1`, `Content-Length: ${body.length}`, ...headers) + body;
      const chunked = head("POST /3 HTTP/1.1", "Transfer-Encoding: chunked") +
        "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n";
      const text = await raw(
        server,
        post("/1", "slow") + post("/2", "quick") + chunked + post("/4", "", "Connection: close"),
      );
      assert.deepEqual(text.match(/^\/.*?;/gm) ?? text, ["/1:slow;", "/2:quick;", "/3:abcde;", "/4:;"]);
      assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 4);
    },
  ));

Deno.test("A client that sends far more requests than it takes answers is disconnected", async () => {
  let asked = 0;
  const never = Promise.withResolvers<Response>();
  await serving(() => (asked++, never.promise), {}, async (server) => {
    const text = await raw(server, head("GET / HTTP/1.1").repeat(1000));
    assert.equal(text, "");
    assert.ok(asked <= 1);
  });
  never.resolve(new Response());
});

Deno.test("A connection that has waited too long for a request, or for the rest of one, is closed", () =>
  serving(echo, { idleMs: 150 }, async (server) => {
    using slow = await Deno.connect(server);
    await send(slow, "GET / HT");
    using idle = await Deno.connect(server);
    await send(idle, head("GET /1 HTTP/1.1"));
    using other = await Deno.connect(server);
    await send(other, head("GET /1 HTTP/1.1"));
    await until(other, (text) => text.includes("/1"));
    await send(other, head("GET /2 HTTP/1.1"));

    assert.equal(await untilClosed(slow), "");
    assert.match(await untilClosed(idle), /^HTTP\/1\.1 200 /);
    assert.match(await untilClosed(other), /\/2/);
  }));

Deno.test("A client that does not close after the last answer is disconnected", () =>
  serving(echo, { stallMs: 150 }, async (server) => {
    using lingering = await Deno.connect(server);
    await send(lingering, head("GET / HTTP/1.1", "Connection: close"));
    assert.match(await untilClosed(lingering), /^HTTP\/1\.1 200 /);
  }));

Deno.test("The HTTP server closes the oldest connection if there are too many, and serves the newest", () =>
  serving(echo, { connections: 4 }, async (_, url) => {
    const server = { hostname: "127.0.0.1", port: Number(new URL(url).port) };
    const idle = [];
    for (let i = 0; i < 5; i++) idle.push(await Deno.connect(server));
    const response = await fetch(`${url}/`);
    assert.equal(response.status, 200);
    await response.body?.cancel();

    assert.equal(await untilClosed(idle[0]!), "");
    for (const connection of idle) connection.close();
  }));

Deno.test("If there are too many connections, one without a request is closed before one with a request", async () => {
  const held = Promise.withResolvers<Response>();
  const answer = (request: Request) => request.url.endsWith("/held") ? held.promise : new Response("free");
  await serving(answer, { connections: 3 }, async (server, url) => {
    const working = fetch(`${url}/held`);
    using idle = await Deno.connect(server);
    const others = [await Deno.connect(server), await Deno.connect(server)];
    assert.equal(await untilClosed(idle), "");
    held.resolve(new Response("done"));
    assert.equal(await (await working).text(), "done");
    for (const connection of others) connection.close();
  });
});

Deno.test("Many clients that send slowly, send nothing or read nothing keep nobody from an answer", async () => {
  const answer = async (request: Request) => {
    await request.text();
    return new Response(new Uint8Array(request.url.endsWith("/large") ? 10_000_000 : 5));
  };
  await serving(answer, { connections: 50 }, async (server, url) => {
    const begun = [
      head("POST /slow HTTP/1.1", "Content-Length: 1000") + "abc",
      "GET /no",
      "",
    ];
    const clients: Deno.Conn[] = [];
    for (let i = 0; i < 200; i++) {
      const client = await Deno.connect(server);
      clients.push(client);
      await send(client, i % 20 === 0 ? head("GET /large HTTP/1.1") : begun[i % begun.length]!);
    }
    for (let i = 0; i < 20; i++) {
      const response = await fetch(`${url}/small`, {
        method: "POST",
        body: "x",
        headers: { connection: "close" },
      });
      assert.equal((await response.bytes()).length, 5);
    }
    for (const client of clients) client.close();
  });
});

Deno.test("Closing the HTTP server ends its connections", async () => {
  const server = serveHttp({ hostname: "127.0.0.1", port: 0 }, () => new Response());
  using connection = await Deno.connect(server);
  await server.close();

  assert.equal(await untilClosed(connection), "");
});

Deno.test("Closing the HTTP server with a grace time answers the requests that it has, and takes no more", async () => {
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<Response>();
  const server = serveHttp({ hostname: "127.0.0.1", port: 0 }, () => (asked.resolve(), held.promise));
  const answer = fetch(`http://127.0.0.1:${server.port}/`);
  using idle = await Deno.connect(server);
  await asked.promise;

  const closing = server.close(20_000);
  assert.equal(await untilClosed(idle), "");
  await assert.rejects(Deno.connect(server), Deno.errors.ConnectionRefused);
  held.resolve(new Response("done"));
  const response = await answer;
  assert.equal(response.headers.get("connection"), "close");
  assert.equal(await response.text(), "done");
  await closing;
});

Deno.test("The HTTP server answers again after its process was out of file descriptors", async () => {
  const program = new URL("./descriptors_program.ts", import.meta.url).pathname;
  await using server = start("sh", [
    "-c",
    'ulimit -n 64; exec "$@"',
    "sh",
    Deno.execPath(),
    "run",
    "-A",
    program,
  ]);
  const port = Number(await server.line(/^\d+$/));
  await server.line("none left");
  const waiting = await Deno.connect({ hostname: "127.0.0.1", port });
  server.signal("SIGUSR1");
  await server.line("some left");
  waiting.close();

  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(await response.text(), "alive");
});
