import assert from "node:assert/strict";
import { isRabbitmqSince } from "../../../runtime/core/ports/broker_version.ts";

Deno.test("The version of a broker is compared by numbers, and only if it is RabbitMQ", () => {
  const since = (version: string, product = "RabbitMQ") => isRabbitmqSince({ product, version }, 4, 3);

  for (const version of ["4.3.0", "4.3.6", "4.10.1", "5.0.0-rc.1", "10.0.0"]) {
    assert.equal(since(version), true, version);
  }
  for (const version of ["3.10.8", "3.13.7", "4.0.5", "4.2.9", "", "unknown", "v4.3"]) {
    assert.equal(since(version), false, version);
  }
  assert.equal(since("4.3.0", "LavinMQ"), false);
});
