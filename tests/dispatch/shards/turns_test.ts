import assert from "node:assert/strict";
import { Turns } from "../../../runtime/dispatch/shards/turns.ts";

Deno.test("Messages of one key pass in the order in which they asked, and others do not wait", async () => {
  const turns = new Turns();
  const passed: string[] = [];
  const first = turns.take("a");
  const second = turns.take("a");
  const third = turns.take("a");
  assert.equal(first.before, undefined);
  assert.equal(turns.take("b").before, undefined);
  second.before!.then(() => passed.push("second"));
  third.before!.then(() => passed.push("third"));
  first.done();
  await second.before;
  assert.deepEqual(passed, ["second"]);
  second.done();
  await third.before;
  third.done();
  assert.equal(turns.take("a").before, undefined);
});
