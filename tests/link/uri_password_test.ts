import assert from "node:assert/strict";
import { parseAmqpUri } from "../../runtime/link/uri.ts";

const told = /before its host; in a user name or password write them percent-encoded, as %23, %3F and %2F/;

Deno.test("A password with '#', '?' or '/' is refused with how to write it, and is not shown", () => {
  for (
    const text of [
      "amqp://user:se#cret@host:5672",
      "amqp://user:123#cret@host",
      "amqps://user:1/cret@host/vhost",
      "amqp://user:1?cret@host",
      "amqp://user:se/cret@host",
      "amqp://user:password@host/vhost#fragment",
    ]
  ) {
    assert.throws(() => parseAmqpUri(text), (error: Error) => {
      assert.match(error.message, told, text);
      assert.doesNotMatch(error.message, /cret/);
      return true;
    });
  }
});

Deno.test("A percent-encoded password is accepted, and a '@' in the path does not begin a host", () => {
  assert.equal(parseAmqpUri("amqp://user:pass%23word@host").password, "pass#word");
  assert.equal(parseAmqpUri("amqp://user:p@host/a@b").vhost, "a@b");
  assert.equal(parseAmqpUri("amqp://host/a@b").hostname, "host");
  assert.equal(parseAmqpUri("amqp://host:5673?heartbeat=5").port, 5673);
});
