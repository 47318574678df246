import assert from "node:assert/strict";
import { Refusals } from "../../../runtime/broker/store/refusals.ts";

Deno.test("A full disk is reported at once, then once a minute, and when it has room again", () => {
  const said: string[] = [];
  let now = 0;
  const refusals = new Refusals("/data/broker.sqlite", ({ message }) => said.push(message), () => now);
  const refuse = () => refusals.refused("2 messages", new Error("database or disk is full"), "they wait");

  refusals.taken();
  for (now = 0; now < 125_000; now += 1_000) refuse();
  refusals.taken();
  refusals.taken();
  refuse();

  const refused =
    "The disk does not take 2 messages ('/data/broker.sqlite': database or disk is full); they wait";
  const taken = "The disk takes everything again ('/data/broker.sqlite')";
  assert.deepEqual(said, [refused, refused, refused, taken, refused]);
});
