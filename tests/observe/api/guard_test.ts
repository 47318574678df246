import assert from "node:assert/strict";
import { Hono } from "hono";
import { guard, newToken, type Trust } from "../../../runtime/observe/api/guard.ts";

const token = newToken();

/** What a guarded API answers to a request: its status, and whether it trusts the sender. */
async function ask(
  path: string,
  { method = "GET", headers = {}, hostname = "127.0.0.1" }: {
    method?: string;
    headers?: Record<string, string>;
    hostname?: string;
  } = {},
): Promise<{ status: number; trusted?: boolean }> {
  const api = new Hono<{ Variables: Trust }>()
    .use(guard({ address: { hostname, port: 8672 }, token }))
    .all("*", (context) => context.json({ trusted: context.get("trusted") }));
  const response = await api.request(path, { method, headers: { host: "127.0.0.1:8672", ...headers } });
  const { trusted } = await response.json();
  return { status: response.status, ...trusted === undefined ? {} : { trusted } };
}

const bearer = { authorization: `Bearer ${token}` };
const cookie = { cookie: `other=1; hopper_token_8672=${token}` };

Deno.test("On loopback everybody may read, and is not trusted without the token", async () => {
  assert.deepEqual(await ask("/api/runs"), { status: 200, trusted: false });
  assert.deepEqual(await ask("/api/runs", { headers: bearer }), { status: 200, trusted: true });
  assert.deepEqual(await ask("/api/runs", { headers: cookie }), { status: 200, trusted: true });
});

Deno.test("A wrong token is refused where it was sent on purpose; a browser's old cookie is ignored", async () => {
  assert.equal((await ask("/api/runs", { headers: { authorization: "Bearer wrong" } })).status, 401);
  const stale = { cookie: "hopper_token_8672=stale" };
  assert.deepEqual(await ask("/api/runs", { headers: stale }), { status: 200, trusted: false });
});

Deno.test("The cookie of another runtime on this machine does not count", async () => {
  const others = { cookie: `hopper_token_9999=${token}` };
  assert.deepEqual(await ask("/api/runs", { headers: others }), { status: 200, trusted: false });
});

Deno.test("Whatever changes something needs the token", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    assert.equal((await ask("/api/runs/1/replay", { method })).status, 401, method);
    assert.equal((await ask("/api/runs/1/replay", { method, headers: bearer })).status, 200, method);
  }
});

Deno.test("A page of another site changes nothing, even with the browser's cookie", async () => {
  const change = (headers: Record<string, string>) =>
    ask("/api/runs/1/replay", { method: "POST", headers: { ...cookie, ...headers } });

  assert.equal((await change({ origin: "http://evil.example" })).status, 403);
  assert.equal((await change({ origin: "http://127.0.0.1:9999" })).status, 403);
  assert.equal((await change({ origin: "null" })).status, 403);
  assert.equal((await change({ "sec-fetch-site": "cross-site" })).status, 403);
  assert.equal((await change({ "sec-fetch-site": "same-site" })).status, 403);
  assert.equal(
    (await change({ origin: "http://127.0.0.1:8672", "sec-fetch-site": "same-origin" })).status,
    200,
  );
});

Deno.test("A name of another site that leads to this machine is refused", async () => {
  for (
    const host of [
      "evil.example:8672",
      "127.0.0.1",
      "127.0.0.1:1",
      "localhost.evil.example:8672",
      "0.0.0.0:8672",
    ]
  ) {
    assert.equal((await ask("/api/runs", { headers: { host } })).status, 421, host);
  }
  for (const host of ["localhost:8672", "LOCALHOST:8672", "[::1]:8672"]) {
    assert.equal((await ask("/api/runs", { headers: { host } })).status, 200, host);
  }
});

Deno.test("Beyond loopback everything but health needs the token", async () => {
  const outside = { hostname: "0.0.0.0", headers: { host: "hopper.internal:8672" } };
  const withToken = { ...outside, headers: { ...outside.headers, ...bearer } };

  assert.equal((await ask("/api/runs", outside)).status, 401);
  assert.equal((await ask("/metrics", outside)).status, 401);
  assert.equal((await ask("/", outside)).status, 401);
  assert.equal((await ask("/healthz", outside)).status, 200);
  assert.equal((await ask("/readyz", outside)).status, 200);
  assert.deepEqual(await ask("/api/runs", withToken), { status: 200, trusted: true });
});

Deno.test("Tokens are long, different, and fit into a URL and a cookie", () => {
  const tokens = Array.from({ length: 100 }, newToken);
  assert.equal(new Set(tokens).size, 100);
  for (const one of tokens) assert.match(one, /^[\w-]{32}$/);
});
