import assert from "node:assert/strict";
import type { TwinEnd } from "../../runtime/dispatch/twins.ts";
import { sameBody, Twins } from "../../runtime/dispatch/twins.ts";

const body = new Uint8Array([1, 2]);
const ended: TwinEnd = { outcome: { kind: "returned" }, attempt: 1, settled: true };

Deno.test("Whoever asks while a message runs is told how its run ended", async () => {
  const twins = new Twins();
  const end = twins.start("m1", body);
  const [one, other] = [twins.running("m1"), twins.running("m1")];
  end(ended);

  assert.deepEqual(await Promise.all([one?.end, other?.end]), [ended, ended]);
});

Deno.test("Other messages, and one that has ended, do not run", () => {
  const twins = new Twins();
  const end = twins.start("m1", body);

  assert.equal(twins.running("m2"), undefined);
  end(ended);
  assert.equal(twins.running("m1"), undefined);
});

Deno.test("Two messages with one id are one only if they say the same", () => {
  assert.ok(sameBody(body, new Uint8Array([1, 2])));
  assert.ok(!sameBody(body, new Uint8Array([1, 3])));
  assert.ok(!sameBody(body, new Uint8Array([1])));
});
