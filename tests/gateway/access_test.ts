import assert from "node:assert/strict";
import type { HttpConfig } from "../../runtime/core/api/options.ts";
import { checkConfig } from "../../runtime/discover/config.ts";
import { accessOf, mayCall, mayPublish, maySend } from "../../runtime/gateway/access.ts";
import { strangerIn } from "../../runtime/http/strangers.ts";

const variables: Record<string, string> = {
  SHOP: "shop-0123456789abcdef",
  SAME: "shop-0123456789abcdef",
  SHORT: "a",
};
const access = (config: HttpConfig | undefined, isLocal = true) =>
  accessOf({ config, isLocal, env: (name) => variables[name] });

Deno.test("Without configuration, on this machine alone, the folder's rpcs may be called and nothing else done", () => {
  const { rights } = access(undefined).clientOf(undefined)!;
  const served = (name: string) => name === "fib";
  assert.equal(mayCall(rights, "fib", served), true);
  assert.equal(mayCall(rights, "any.queue", served), "unknown");
  assert.equal(maySend(rights, "any.queue"), false);
  assert.equal(mayPublish(rights, "logs", ""), false);
});

Deno.test("With configuration, what is not written is denied, also on this machine", () => {
  const { rights } = access({ tokens: { shop: { env: "SHOP", call: ["fib"] } } }).clientOf(undefined)!;
  assert.equal(mayCall(rights, "fib", () => true), false);
});

Deno.test("Beyond this machine somebody must be named, or nothing is opened", () => {
  for (const config of [undefined, {}, { tokens: {} }]) {
    assert.throws(() => access(config, false), { code: "HTTP_CLOSED", message: /write: http: \{ tokens:/ });
  }
  assert.ok(access({ anonymous: { call: ["fib"] } }, false));
});

Deno.test("A token that is missing, short or another client's keeps the runtime from starting", () => {
  const wrong = (tokens: HttpConfig["tokens"], message: RegExp) =>
    assert.throws(() => access({ tokens }), { code: "HTTP_TOKEN", message });
  wrong({ shop: { env: "UNSET" } }, /'shop' has its token in the variable 'UNSET', which is not set/);
  wrong({ shop: { env: "SHORT" } }, /at least 16 characters/);
  wrong({ a: { env: "SHOP" }, b: { env: "SAME" } }, /'b' has the same token as 'a'/);
});

Deno.test("An exchange and a key are matched each for itself", () => {
  const rights = { publish: ["events/order.*", "audit/*", "*/public"] };
  const cases = [
    ["events", "order.paid", true],
    ["events", "user.new", false],
    ["audit", "", true],
    ["audit", "a/b", true],
    ["any/thing", "public", true],
    ["events/order.", "x", false],
  ] as const;
  for (const [exchange, key, may] of cases) {
    assert.equal(mayPublish(rights, exchange, key), may, `${exchange} ${key}`);
  }
});

Deno.test("The configuration of HTTP is checked, and says what is wrong where", () => {
  const wrong = (http: unknown, message: RegExp) =>
    assert.throws(() => checkConfig({ http }, "deploy.config.ts"), { code: "CONFIG", message });
  wrong(
    { token: {} },
    /Unknown option 'http\.token'.*tokens.*; allowed: tokens, anonymous, inFlight, maxBody/,
  );
  wrong({ tokens: { shop: { call: ["x"] } } }, /http\.tokens\.shop\.env/);
  wrong({ tokens: { shop: { env: "a-b" } } }, /name of a variable, such as SHOP_TOKEN/);
  wrong({ tokens: { shop: { env: "A", call: "x" } } }, /list of names or globs/);
  wrong({ anonymous: { publish: ["events"] } }, /EXCHANGE\/KEY/);
  wrong({ inFlight: 0 }, /whole number from 1 to 10000/);
  const http = {
    tokens: { shop: { env: "SHOP", call: ["a.*"], send: ["q"], publish: ["e/k"] } },
    anonymous: {},
  };
  assert.deepEqual(checkConfig({ http }, "deploy.config.ts").http, http);
});

Deno.test("Requests of other sites' pages, and such under other names, are refused", () => {
  const local = { hostname: "127.0.0.1", port: 8080 };
  const status = (headers: Record<string, string>, address = local) =>
    strangerIn(new Headers(headers), address)?.status;
  for (const host of ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"]) {
    assert.equal(status({ host }), undefined);
    assert.equal(
      status({ host, origin: `http://${host.toLowerCase()}`, "sec-fetch-site": "same-origin" }),
      undefined,
    );
  }
  assert.equal(status({ host: "evil.example:8080" }), 421);
  assert.equal(status({ host: "127.0.0.1" }), 421);
  const host = "127.0.0.1:8080";
  assert.equal(status({ host, origin: "https://evil.example" }), 403);
  assert.equal(status({ host, origin: "null" }), 403);
  assert.equal(status({ host, "sec-fetch-site": "cross-site" }), 403);

  const open = { hostname: "0.0.0.0", port: 8080 };
  assert.equal(status({ host: "hopper.example" }, open), undefined);
  assert.equal(status({ host: "hopper.example", origin: "https://hopper.example" }, open), undefined);
  assert.equal(status({ host: "hopper.example", origin: "https://evil.example" }, open), 403);
});
