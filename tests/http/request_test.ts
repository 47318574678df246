import assert from "node:assert/strict";
import { head, raw, send, serving, until, untilClosed } from "./serving.ts";

const size = async (request: Request) => Response.json((await request.bytes()).length);

Deno.test("A request has its method, its headers, and its URL with the Host that the client named", () =>
  serving(
    ({ method, url, headers }) =>
      Response.json({ method, url, host: headers.get("host"), a: headers.get("x-a") }),
    {},
    async (server) => {
      const text = await raw(
        server,
        "DELETE /a%2Fb/../c?d=%20e HTTP/1.1\r\nHost: example.org:81\r\nx-a: 1\r\nX-A: 2\r\nConnection: close\r\n\r\n",
      );
      assert.deepEqual(JSON.parse(text.slice(text.indexOf("\r\n\r\n"))), {
        method: "DELETE",
        url: "http://example.org:81/c?d=%20e",
        host: "example.org:81",
        a: "1, 2",
      });
    },
  ));

Deno.test("A body arrives whole, with a length or in chunks", () =>
  serving(size, { body: 5_000_000 }, async (_, url) => {
    const known = await fetch(url, { method: "POST", body: new Uint8Array(3_000_000) });
    assert.equal(await known.json(), 3_000_000);
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 30; i++) controller.enqueue(new Uint8Array(100_000));
        controller.close();
      },
    });
    const chunked = await fetch(url, { method: "POST", body });
    assert.equal(await chunked.json(), 3_000_000);
    assert.equal(await (await fetch(url, { method: "POST" })).json(), 0);
  }));

Deno.test("A body beyond the limit is answered with 413, whether its length was said or not", async () => {
  let asked = 0;
  await serving((request) => (asked++, size(request)), { body: 100 }, async (server, url) => {
    const declared = await fetch(url, { method: "POST", body: new Uint8Array(101) });
    assert.equal(declared.status, 413);
    assert.equal(declared.headers.get("content-type"), "application/problem+json");
    const problem = await declared.json();
    assert.equal(problem.code, "BODY_TOO_LARGE");
    assert.equal(problem.detail, "The body is larger than 100 bytes");
    assert.equal(asked, 0);

    const chunks = "32\r\n" + "x".repeat(50) + "\r\n";
    const text = await raw(server, head("POST / HTTP/1.1", "Transfer-Encoding: chunked") + chunks.repeat(3));
    assert.match(text, /^HTTP\/1\.1 413 /);
    assert.match(text, /connection: close/i);
    const exact = await fetch(url, { method: "POST", body: new Uint8Array(100) });
    assert.equal(await exact.json(), 100);
  });
});

Deno.test("A client that asks first sends its body only if it is wanted", () =>
  serving(
    async (request) =>
      request.headers.has("authorization") ? await size(request) : new Response(null, { status: 401 }),
    { body: 100 },
    async (server) => {
      using trusted = await Deno.connect(server);
      const asks = ["Expect: 100-continue", "Content-Length: 3", "Connection: close"];
      await send(trusted, head("POST / HTTP/1.1", "Authorization: yes", ...asks));
      assert.equal(await until(trusted, (text) => text !== ""), "HTTP/1.1 100 Continue\r\n\r\n");
      await send(trusted, "abc");
      assert.match(await untilClosed(trusted), /^HTTP\/1\.1 200 [^]*\r\n\r\n3$/);

      assert.match(await raw(server, head("POST / HTTP/1.1", ...asks)), /^HTTP\/1\.1 401 /);
      const large = head("POST / HTTP/1.1", "Expect: 100-continue", "Content-Length: 300");
      assert.match(await raw(server, large), /^HTTP\/1\.1 413 /);
      assert.match(
        await raw(server, head("POST / HTTP/1.1", "Expect: a miracle", "Connection: close")),
        / 417 /,
      );
    },
  ));

Deno.test("A malformed request is answered with 400, and never passed on", async () => {
  let asked = 0;
  await serving(() => (asked++, new Response()), {}, async (server) => {
    const text = (...lines: string[]) => [...lines, "", ""].join("\r\n");
    for (
      const request of [
        text("nonsense"),
        head("GET http://elsewhere/ HTTP/1.1", "Connection: close"),
        head("GET / HTTP/3"),
        head("TRACE / HTTP/1.1", "Connection: close"),
        head("GET / HTTP/1.1", "no colon"),
        text("GET / HTTP/1.1", "Connection: close"),
        text("GET / HTTP/1.1", "Host: a", "Host: b", "Connection: close"),
        text("GET / HTTP/1.1", "Host: user@here", "Connection: close"),
        text("GET / HTTP/1.1", "Host: here/there?", "Connection: close"),
        "GET / HTTP/1.1\nHost: here\n\n",
        "\0".repeat(20_000),
      ]
    ) {
      assert.match(await raw(server, request), /^HTTP\/1\.1 400 /, JSON.stringify(request.slice(0, 60)));
    }
  });
  assert.equal(asked, 0);
});

Deno.test("A request whose end two servers could see differently is refused, and its rest is no request", async () => {
  const asked: string[] = [];
  const answer = (request: Request) => (asked.push(new URL(request.url).pathname), new Response());
  await serving(answer, {}, async (server) => {
    const hidden = head("GET /hidden HTTP/1.1");
    for (
      const headers of [
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Content-Length: 5"],
        ["Content-Length: 5, 5"],
        ["Content-Length: +5"],
        ["Content-Length : 5"],
        ["Content-Length: 0x5"],
        ["Transfer-Encoding: chunked, identity"],
        ["Transfer-Encoding: gzip, chunked", "Connection: close"],
        ["X: a", " Content-Length: 5"],
      ]
    ) {
      const text = await raw(server, head("POST / HTTP/1.1", ...headers) + "0\r\n\r\n" + hidden);
      assert.match(text, /^HTTP\/1\.1 400 /, headers.join());
      assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1, headers.join());
    }
    const whole = head("POST /whole HTTP/1.1", "Content-Length: 2") + "ab";
    assert.match(await raw(server, whole + "junk\r\n\r\n"), /^HTTP\/1\.1 200 [^]*HTTP\/1\.1 400 /);
    // Of these a part was understood before what is wrong with them: the connection ends.
    assert.equal(await raw(server, head("POST / HTTP/1.1", "Transfer-Encoding: xchunked") + hidden), "");
    const chunked = head("POST / HTTP/1.1", "Transfer-Encoding: chunked");
    assert.equal(await raw(server, `${chunked}zz\r\n${hidden}`), "");
  });
  assert.ok(!asked.includes("/hidden"));
  assert.ok(!asked.includes("/"));
});

Deno.test("A path or headers that are too long are answered with 414 and 431", () =>
  serving(() => new Response(), { target: 500, head: 1000 }, async (server) => {
    const close = "Connection: close";
    assert.match(await raw(server, head(`GET /${"a".repeat(500)} HTTP/1.1`, close)), /^HTTP\/1\.1 414 /);
    assert.match(await raw(server, head("GET / HTTP/1.1", `x: ${"a".repeat(1000)}`)), /^HTTP\/1\.1 431 /);
    assert.match(await raw(server, head(`GET /${"a".repeat(2000)} HTTP/1.1`)), /^HTTP\/1\.1 431 /);
    assert.match(await raw(server, head("GET / HTTP/1.1", close)), /^HTTP\/1\.1 200 /);
  }));

Deno.test("The signal of a request aborts when its client goes away, and not when it was answered", async () => {
  const signals: AbortSignal[] = [];
  const asked = Promise.withResolvers<void>();
  const answer = (request: Request) => {
    signals.push(request.signal);
    if (signals.length === 1) return new Response();
    asked.resolve();
    return new Promise<Response>((resolve) =>
      request.signal.addEventListener("abort", () => resolve(new Response()))
    );
  };
  await serving(answer, {}, async (server) => {
    using connection = await Deno.connect(server);
    await send(connection, head("GET / HTTP/1.1"));
    await until(connection, (text) => text.endsWith("\r\n\r\n"));
    const leaving = await Deno.connect(server);
    await send(leaving, head("GET / HTTP/1.1"));
    await asked.promise;
    const aborted = new Promise((resolve) => signals[1]!.addEventListener("abort", resolve));
    leaving.close();
    await aborted;
    assert.equal(signals[0]!.aborted, false);
  });
});

Deno.test("A body that ends before it is whole fails, and so does one that takes too long", async () => {
  const errors: unknown[] = [];
  const answer = async (request: Request) => {
    try {
      await request.text();
    } catch (error) {
      errors.push(error);
    }
    return new Response("never sent");
  };
  await serving(answer, { requestMs: 150 }, async (server) => {
    const begun = head("POST / HTTP/1.1", "Content-Length: 10") + "abc";
    const leaving = await Deno.connect(server);
    await send(leaving, begun);
    leaving.close();
    assert.equal(await raw(server, begun), "");
    assert.equal(errors.length, 2);
  });
});
