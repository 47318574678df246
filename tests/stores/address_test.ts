import assert from "node:assert/strict";
import { storeAddress } from "../../runtime/stores/address.ts";

Deno.test("A store's address is read from its variable, and shown without the password", () => {
  const url = "redis://user:secret@10.0.0.5:6379/2";
  assert.deepEqual(storeAddress("redis", "REDIS_URL", url), {
    url,
    shown: "Redis at 10.0.0.5:6379 (REDIS_URL)",
  });
  assert.equal(
    storeAddress("postgres", "DB", "postgresql://user:secret@db/app").shown,
    "PostgreSQL at db (DB)",
  );
});

const wrong: [what: string, kind: "redis" | "postgres", value: string | undefined, message: RegExp][] = [
  [
    "is not set",
    "redis",
    undefined,
    /^The runtime's variable V, the address of the Redis .* is not set; set it to one, such as redis:/,
  ],
  ["is empty", "postgres", "", /^The runtime's variable V, .* is not set; set it to one, such as postgres:/],
  ["is no URL", "redis", "s3cret", /expected a URL that begins with redis:\/\/ or rediss:\/\//],
  ["is of another kind", "redis", "amqp://user:s3cret@host", /begins with redis:/],
  ["has no host", "postgres", "postgres:s3cret", /begins with postgres:\/\/ or postgresql:\/\//],
];
for (const [what, kind, value, message] of wrong) {
  Deno.test(`A store's variable that ${what} is an error that says what to write, and not what is in it`, () => {
    assert.throws(() => storeAddress(kind, "V", value), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  });
}
