import assert from "node:assert/strict";
import { differencesOf } from "./differences.ts";

Deno.test("A version of RabbitMQ between two in the table has the differences of the earlier one", () => {
  const same = (version: string, as: string) =>
    assert.equal(differencesOf(version), differencesOf(as), version);

  for (const version of ["3.10.8", "3.11.0", "3.13.7"]) same(version, "3.10.0");
  for (const version of ["4.0.5", "4.1.2", "4.2.9"]) same(version, "4.0.0");
  for (const version of ["4.3.6", "4.10.0", "5.0.0"]) same(version, "4.3.0");
  assert.throws(
    () => differencesOf("3.9.1"),
    /Nothing is known of RabbitMQ 3\.9\.1; the oldest in the table is 3\.10/,
  );
});
