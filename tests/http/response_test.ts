import assert from "node:assert/strict";
import { request as nodeRequest } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { run } from "../support/process.ts";
import { head, raw, send, serving, until, untilClosed } from "./serving.ts";

/** A body without end, and what was asked of it. */
function endless(size: number) {
  const cancelled = Promise.withResolvers<void>();
  let turn: Promise<void> = Promise.resolve();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // A later turn, as a body that comes from elsewhere.
      await (turn = new Promise((resolve) => setTimeout(resolve)));
      state.pulled++;
      controller.enqueue(new Uint8Array(size));
    },
    cancel: () => turn.then(cancelled.resolve),
  }, { highWaterMark: 0 });
  const state = { body, pulled: 0, cancelled: cancelled.promise };
  return state;
}

Deno.test("An answer arrives with its status, headers and cookies", () =>
  serving(
    () => {
      const headers = new Headers({ "x-a": "ä", "content-type": "text/plain" });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      return new Response("é", { status: 418, statusText: "Short", headers });
    },
    {},
    async (server, url) => {
      const response = await fetch(url);
      assert.equal(response.status, 418);
      assert.equal(response.headers.get("content-length"), "2");
      assert.equal(response.headers.get("x-a"), "ä");
      assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
      assert.equal(await response.text(), "é");
      assert.match(
        await raw(server, head("GET / HTTP/1.1", "Connection: close")),
        /^HTTP\/1\.1 418 Short\r\n/,
      );
    },
  ));

Deno.test("Answers without a body say so, and an answer to HEAD says the length of the one to GET", () =>
  serving(
    (request) => {
      const { pathname } = new URL(request.url);
      return pathname === "/204" ? new Response(null, { status: 204 }) : new Response("four");
    },
    {},
    async (server, url) => {
      const none = await raw(server, head("GET /204 HTTP/1.1", "Connection: close"));
      assert.match(none, /^HTTP\/1\.1 204 /);
      assert.ok(!/content-length|transfer-encoding/i.test(none), none);
      const asked = await fetch(url, { method: "HEAD" });
      assert.equal(asked.headers.get("content-length"), "4");
      assert.equal(await asked.text(), "");
    },
  ));

Deno.test("A large answer arrives whole, at a client of Node and at curl", () =>
  serving(() => new Response(new Uint8Array(8_000_000).fill(97)), {}, async (_, url) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    nodeRequest(url, { agent: false }, (response) => textOf(response).then(resolve, reject)).on(
      "error",
      reject,
    )
      .end();
    assert.equal((await promise).length, 8_000_000);
    const { code, stdout } = await run("curl", [
      "-sS",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code} %{size_download}",
      url,
    ]);
    assert.equal(code, 0);
    assert.equal(stdout, "200 8000000");
  }));

Deno.test("A stream is sent as it comes, beyond the time of a request, and its head before its first bytes", async () => {
  let out!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (out = controller) });
  const answer = () => new Response(body, { headers: { "content-type": "text/event-stream" } });
  await serving(answer, { requestMs: 100, idleMs: 100 }, async (_, url) => {
    const response = await fetch(url);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    out.enqueue(new TextEncoder().encode("data: 1\n\n"));
    assert.equal((await reader.read()).value, "data: 1\n\n");
    await new Promise((resolve) => setTimeout(resolve, 300));
    out.enqueue(new TextEncoder().encode("data: 2\n\n"));
    assert.equal((await reader.read()).value, "data: 2\n\n");
    out.close();
    assert.equal((await reader.read()).done, true);
  });
});

Deno.test("A stream is cancelled when its client goes away", async () => {
  const { body, cancelled } = endless(1000);
  await serving(() => new Response(body), {}, async (server) => {
    const client = await Deno.connect(server);
    await send(client, head("GET / HTTP/1.1"));
    await until(client, (text) => text.length > 5000);
    client.close();
    await cancelled;
  });
});

Deno.test("A stream that waits for its next bytes is cancelled when its client goes away", async () => {
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream({ cancel: () => cancelled.resolve() });
  await serving(() => new Response(body), {}, async (server) => {
    const client = await Deno.connect(server);
    await send(client, head("GET / HTTP/1.1"));
    await until(client, (text) => text.includes("\r\n\r\n"));
    client.close();
    await cancelled.promise;
  });
});

Deno.test("A client that reads nothing holds up a stream after a bounded backlog, and is then disconnected", async () => {
  const stream = endless(100_000);
  await serving(() => new Response(stream.body), { stallMs: 300 }, async (server) => {
    using client = await Deno.connect(server);
    await send(client, head("GET / HTTP/1.1"));
    await stream.cancelled;
    // What the system itself holds between two programs is a few MiB.
    assert.ok(stream.pulled * 100_000 < 50_000_000, `${stream.pulled}`);
    const rest = await untilClosed(client);
    assert.ok(rest.length > 0);
  });
});

Deno.test("A stream is cancelled when the server closes, which does not wait for its end", async () => {
  const { body, cancelled } = endless(1000);
  await serving(() => new Response(body), {}, async (server) => {
    using client = await Deno.connect(server);
    await send(client, head("GET / HTTP/1.1"));
    await until(client, (text) => text.length > 5000);
    await server.close(60_000);
    await cancelled;
    await untilClosed(client);
    assert.equal(body.locked, true);
  });
});

Deno.test("An answer that comes after its client went away is cancelled", async () => {
  const { body, cancelled } = endless(1000);
  const asked = Promise.withResolvers<Request>();
  const answered = Promise.withResolvers<Response>();
  await serving((request) => (asked.resolve(request), answered.promise), {}, async (server) => {
    const client = await Deno.connect(server);
    await send(client, head("GET / HTTP/1.1"));
    const { signal } = await asked.promise;
    const left = new Promise((resolve) => signal.addEventListener("abort", resolve));
    client.close();
    await left;
    answered.resolve(new Response(body));
    await cancelled;
  });
});

Deno.test("If there is no answer, the client gets 500 and learns nothing of the reason", () =>
  serving(() => Promise.reject(new Error("secret")), {}, async (_, url) => {
    const response = await fetch(url);
    assert.equal(response.status, 500);
    assert.deepEqual(await response.json(), {
      type: "urn:hopper:problem:INTERNAL",
      title: "Internal",
      status: 500,
      detail: "The request could not be answered",
      code: "INTERNAL",
    });
  }));

Deno.test("A stream that fails ends the connection, so that nobody takes it for whole", () =>
  serving(
    () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            controller.enqueue(new TextEncoder().encode("begun"));
            await new Promise((resolve) => setTimeout(resolve, 20));
            controller.error(new Error("broken"));
          },
        }),
      ),
    {},
    async (server, url) => {
      await assert.rejects(async () => await (await fetch(url)).text());
      const text = await raw(server, head("GET / HTTP/1.1"));
      assert.match(text, /begun/);
      assert.ok(!text.endsWith("0\r\n\r\n"));
    },
  ));

Deno.test("An answer that takes longer than a request may take ends the connection", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await serving(() => promise, { requestMs: 100 }, async (server) => {
    assert.equal(await raw(server, head("GET / HTTP/1.1")), "");
  });
  resolve(new Response());
});
