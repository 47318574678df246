import assert from "node:assert/strict";
import {
  BrokerBlocked,
  BrokerError,
  ConnectionLost,
  MessageTooLarge,
} from "../../runtime/core/ports/amqp_errors.ts";
import { HopperError } from "../../runtime/core/api/errors.ts";
import { accessOf } from "../../runtime/gateway/access.ts";
import { type GatewayParts, gatewayRoutes } from "../../runtime/gateway/routes.ts";

const rights = { call: ["f"], send: ["*"], publish: ["*/*"] };

/** Routes whose caller fails with an error. */
function failing(error: unknown, parts: Partial<GatewayParts> = {}) {
  const fail = () => Promise.reject(error);
  const faults: string[] = [];
  const routes = gatewayRoutes({
    address: { hostname: "127.0.0.1", port: 80 },
    access: accessOf({ config: { anonymous: rights }, isLocal: true, env: () => undefined }),
    caller: { send: fail, publish: fail, request: fail },
    functions: () => [],
    onChange: () => () => {},
    version: "1.2.3",
    inFlight: 1,
    onFault: (message) => faults.push(message),
    ...parts,
  });
  const post = (path: string, init: RequestInit = {}) =>
    routes.request(`http://localhost${path}`, { method: "POST", ...init, headers: { host: "localhost" } });
  return { post, faults };
}

Deno.test("What goes wrong at the broker has a status, and says when to try again", async () => {
  const cases = [
    [new BrokerBlocked("low on memory"), 503, "BROKER_BLOCKED", "5"],
    [new ConnectionLost("publishing"), 503, "CONNECTION_LOST", "5"],
    [new MessageTooLarge("", "q", 2, 1), 413, "PUBLISH_FAILED", null],
    [new BrokerError(404, "NOT_FOUND"), 404, "BROKER_ERROR", null],
    [new BrokerError(403, "ACCESS_REFUSED"), 502, "BROKER_ERROR", null],
    [new HopperError("TOO_MANY_CALLS", "10000 calls"), 429, "TOO_MANY_CALLS", "1"],
  ] as const;
  for (const [error, status, code, after] of cases) {
    const { post, faults } = failing(error);
    for (const path of ["/call/f", "/send/q", "/publish/e/k"]) {
      const response = await post(path);
      const problem = await response.json();
      assert.deepEqual([response.status, problem.code], [status, code]);
      assert.equal(problem.detail, error.message);
      assert.equal(response.headers.get("retry-after"), after);
    }
    assert.deepEqual(faults, []);
  }
});

Deno.test("A fault of Hopper's own is told to the operator, and the client learns nothing of it", async () => {
  const { post, faults } = failing(new TypeError("secret"));
  const response = await post("/send/q");
  assert.equal(response.status, 500);
  assert.equal((await response.json()).detail, "The request could not be answered");
  assert.deepEqual(faults, ["POST /send/q over HTTP failed: TypeError: secret"]);
});

Deno.test("What is not there is answered with 404, other methods with 405, and a start with 503", async () => {
  const { post } = failing(undefined);
  for (const path of ["/", "/call", "/call/", "/send/", "/publish", "/metrics", "/calls/f"]) {
    assert.equal((await post(path)).status, 404, path);
  }
  for (const method of ["GET", "PUT", "OPTIONS", "DELETE"]) {
    const response = await post("/call/f", { method });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"]);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  }
  const starting = failing(undefined, { functions: () => undefined });
  assert.equal((await starting.post("/call/f")).status, 503);
});
