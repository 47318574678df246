import assert from "node:assert/strict";
import { parseAdminAddress, startAdmin } from "../../runtime/observe/admin.ts";
import { type HealthReport, healthRoutes } from "../../runtime/observe/api/health.ts";

const none = () => [];
const nothing: HealthReport = { missing: none, paused: none, unrouted: none };

Deno.test("The path /healthz does not depend on the broker", async () => {
  const response = await healthRoutes({
    missing: () => {
      throw new Error("The broker was asked");
    },
    paused: none,
    unrouted: none,
  }).request("/healthz");

  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: "alive" });
});

Deno.test("The path /readyz answers 204 if nothing is missing, and checks on each request", async () => {
  let missing: string[] = [];
  const routes = healthRoutes({ ...nothing, missing: () => missing });

  const ready = await routes.request("/readyz");
  assert.equal(ready.status, 204);
  assert.equal(await ready.text(), "");

  missing = ["connection 'hopper consumers'", "hello: not attached yet"];
  const notReady = await routes.request("/readyz");
  assert.equal(notReady.status, 503);
  assert.match(notReady.headers.get("content-type")!, /^application\/json/);
  assert.deepEqual(await notReady.json(), { status: "not ready", missing });
});

Deno.test("A paused function is listed, and the runtime stays ready", async () => {
  let missing: string[] = [];
  const paused = ["hello: paused, because 15 of its latest runs failed"];
  const routes = healthRoutes({ ...nothing, missing: () => missing, paused: () => paused });

  assert.equal((await routes.request("/readyz")).status, 204);
  assert.deepEqual(await (await routes.request("/healthz")).json(), { status: "alive", paused });
  missing = ["connection 'hopper consumers'"];
  assert.deepEqual(await (await routes.request("/readyz")).json(), { status: "not ready", missing, paused });
});

Deno.test("Messages that reached no queue are counted, and the runtime stays ready", async () => {
  const unrouted = ["place: 2 to exchange 'orders'"];
  const routes = healthRoutes({ ...nothing, unrouted: () => unrouted });

  assert.deepEqual(await (await routes.request("/healthz")).json(), { status: "alive", unrouted });
  assert.equal((await routes.request("/readyz")).status, 204);
});

Deno.test("The admin API answers GET and HEAD on its two paths, and nothing else", async () => {
  const routes = healthRoutes(nothing);

  assert.equal((await routes.request("/healthz", { method: "HEAD" })).status, 200);
  assert.equal((await routes.request("/readyz", { method: "HEAD" })).status, 204);
  assert.equal((await routes.request("/healthz", { method: "POST" })).status, 404);
  assert.equal((await routes.request("/")).status, 404);
  assert.equal((await routes.request("/healthz/x")).status, 404);
});

Deno.test("The admin API listens on the given address, returns it, and frees the port when it closes", async () => {
  const admin = startAdmin({ hostname: "127.0.0.1", port: 0 }, {
    health: { ...nothing, missing: () => ["hello"] },
  });
  assert.ok(admin.port > 0);
  assert.equal(admin.hostname, "127.0.0.1");

  const response = await fetch(`http://127.0.0.1:${admin.port}/readyz`);
  assert.equal(response.status, 503);
  assert.deepEqual((await response.json()).missing, ["hello"]);
  assert.throws(() => startAdmin(admin, { health: nothing }), Deno.errors.AddrInUse);

  await admin.close();
  await startAdmin(admin, { health: nothing }).close();
});

Deno.test("The address of the admin API is HOST:PORT or only a port", () => {
  assert.deepEqual(parseAdminAddress("127.0.0.1:8672"), { hostname: "127.0.0.1", port: 8672 });
  assert.deepEqual(parseAdminAddress("8672"), { hostname: "127.0.0.1", port: 8672 });
  assert.deepEqual(parseAdminAddress("0.0.0.0:0"), { hostname: "0.0.0.0", port: 0 });
  assert.deepEqual(parseAdminAddress("localhost:80"), { hostname: "localhost", port: 80 });
  assert.deepEqual(parseAdminAddress("[::1]:65535"), { hostname: "::1", port: 65_535 });
});

Deno.test("An invalid address of the admin API is refused with the correct form", () => {
  for (
    const text of [
      "",
      ":8672",
      "localhost",
      "localhost:",
      "::1:80",
      "a:b:80",
      "1:65536",
      "1:-1",
      "http://x:80",
    ]
  ) {
    assert.throws(() => parseAdminAddress(text), {
      message: `'${text}' is not an address for the admin API; expected HOST:PORT, such as 127.0.0.1:8672`,
    });
  }
});
