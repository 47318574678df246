import assert from "node:assert/strict";
import { start } from "../support/process.ts";
import { type HttpLimits, type HttpServer, serveHttp } from "../../runtime/http/server.ts";

const loopback = { hostname: "127.0.0.1", port: 0 };

async function serving(
  test: (server: HttpServer) => Promise<void>,
  limits: HttpLimits = { connections: 64, time: 5_000 },
): Promise<void> {
  const server = serveHttp(
    loopback,
    ({ method, url, headers }) => Response.json([method, new URL(url).pathname, headers.get("x-a")]),
    limits,
  );
  try {
    await test(server);
  } finally {
    await server.close();
  }
}

/** Sends bytes unchanged, and reads until the server closes. */
async function raw(server: HttpServer, text: string): Promise<string> {
  using connection = await Deno.connect(server);
  await connection.write(new TextEncoder().encode(text));
  return await untilClosed(connection);
}

async function untilClosed(connection: Deno.Conn): Promise<string> {
  let text = "";
  try {
    const buffer = new Uint8Array(10_000);
    for (let size; (size = await connection.read(buffer)) !== null;) {
      text += new TextDecoder().decode(buffer.subarray(0, size));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}

Deno.test("The HTTP server answers a request and closes the connection", () =>
  serving(async (server) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/a/b?c`, {
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
  serving(async (server) => {
    using connection = await Deno.connect(server);
    await connection.setNoDelay(true);
    for (const byte of new TextEncoder().encode("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")) {
      await connection.write(Uint8Array.of(byte));
    }
    assert.match(await untilClosed(connection), /\["GET","\/x",null\]$/);
  }));

Deno.test("The HTTP server answers 400 to a malformed request", () =>
  serving(async (server) => {
    const head = (first: string, ...lines: string[]) => [first, ...lines, "", ""].join("\r\n");
    for (
      const text of [
        head("nonsense"),
        head("GET http://elsewhere/ HTTP/1.1"),
        head("GET / HTTP/2"),
        head("TRACE / HTTP/1.1"),
        head("GET / HTTP/1.1", "no colon"),
        head("GET / HTTP/1.1", `x: ${"a".repeat(9_000)}`),
        "\0".repeat(9_000),
      ]
    ) {
      assert.match(await raw(server, text), /^HTTP\/1\.1 400 /, text.slice(0, 40));
    }
  }));

Deno.test("The HTTP server disconnects a client that is slow to send or to read", () =>
  serving(async (server) => {
    using slow = await Deno.connect(server);
    await slow.write(new TextEncoder().encode("GET / HT"));
    using lingering = await Deno.connect(server);
    await lingering.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));

    assert.equal(await untilClosed(slow), "");
    assert.match(await untilClosed(lingering), /^HTTP\/1\.1 200 /);
  }, { connections: 64, time: 200 }));

Deno.test("The HTTP server closes the oldest connection if there are too many, and serves the newest", () =>
  serving(async (server) => {
    const idle = [];
    for (let i = 0; i < 5; i++) idle.push(await Deno.connect(server));
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    assert.equal(response.status, 200);
    await response.body?.cancel();

    assert.equal(await untilClosed(idle[0]!), "");
    for (const connection of idle) connection.close();
  }, { connections: 4, time: 60_000 }));

Deno.test("Closing the HTTP server ends its connections", async () => {
  const server = serveHttp(loopback, () => new Response());
  using connection = await Deno.connect(server);
  await server.close();

  assert.equal(await untilClosed(connection), "");
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
