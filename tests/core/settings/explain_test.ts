import assert from "node:assert/strict";
import { z } from "zod";
import { findIssues } from "../../../runtime/core/settings/explain.ts";

const schema = z.strictObject({
  size: z.int("Expected a whole number").optional(),
  open: z.union([z.literal(false), z.strictObject({ from: z.number() })], "Expected false or { from }")
    .optional(),
  target: z.union(
    [z.strictObject({ queue: z.string() }), z.strictObject({ exchange: z.string() })],
    "Expected one",
  )
    .optional(),
  rooms: z.record(z.string(), z.strictObject({ beds: z.number() })).optional(),
});
const known = (path: readonly string[]) =>
  path.length === 0
    ? Object.keys(schema.shape)
    : path[0] === "target"
    ? ["queue", "exchange"]
    : ["from", "beds"];
const issues = (value: unknown) => findIssues(schema, value, known);
const messages = (value: unknown) => issues(value).map(({ message }) => message);

Deno.test("A value that matches its schema has no issues", () => {
  assert.deepEqual(issues({ size: 1, open: { from: 9 }, target: { queue: "a" }, rooms: {} }), []);
});

Deno.test("A wrong value is described with what was expected and what was given", () => {
  assert.deepEqual(issues({ size: "big" }), [{
    path: ["size"],
    message: `Option 'size': expected a whole number, got "big"`,
  }]);
  assert.deepEqual(messages(5), ["Expected object, got 5"]);
});

Deno.test("An unknown key is described with a suggestion", () => {
  assert.deepEqual(issues({ siz: 1 }), [{
    path: ["siz"],
    message: "Unknown option 'siz'; did you mean 'size'?",
  }]);
});

Deno.test("A path to a value is written as in JavaScript", () => {
  assert.deepEqual(messages({ rooms: { "a.*": { beds: "two" }, b: { bed: 1, beds: 1 } } }), [
    `Option 'rooms["a.*"].beds': expected number, got "two"`,
    "Unknown option 'rooms.b.bed'; did you mean 'beds'?",
  ]);
});

Deno.test("An issue in a union is described for the branch that was meant", () => {
  assert.deepEqual(messages({ open: { from: "nine" } }), [`Option 'open.from': expected number, got "nine"`]);
  assert.deepEqual(messages({ open: { form: 9, from: 9 } }), [
    "Unknown option 'open.form'; did you mean 'from'?",
  ]);
});

Deno.test("An issue in a union without a meant branch is described with all that it accepts", () => {
  assert.deepEqual(messages({ open: true }), ["Option 'open': expected false or { from }, got true"]);
  assert.deepEqual(messages({ target: { queue: "a", exchange: "b" } }), [
    `Option 'target': expected one, got {"queue":"a","exchange":"b"}`,
  ]);
});
