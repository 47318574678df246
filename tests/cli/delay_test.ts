import assert from "node:assert/strict";
import { hopperCommand } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "hopper send and publish take a delay or a time, and say when the message arrives",
  async ({ broker }) => {
    const { channel, url } = broker;
    await channel.assertQueue("tasks");
    await channel.assertExchange("events", "topic");
    await channel.bindQueue("tasks", "events", "#");
    const hopper = async (...args: string[]) => {
      const { code, stdout, stderr } = await hopperCommand(args, { broker: url });
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    const soon = new Date(Date.now() + 5_000).toISOString();
    assert.equal(
      await hopper("send", "tasks", "1", "--delay", "100ms"),
      "Sent to queue 'tasks'; it arrives in 100ms",
    );
    assert.equal(
      await hopper("send", "tasks", "2", "--at", soon),
      `Sent to queue 'tasks'; it arrives at ${soon}`,
    );
    assert.equal(
      await hopper("send", "tasks", "0", "--at", "2020-01-01T00:00:00Z"),
      "Sent to queue 'tasks'; its time is over, so it arrives at once",
    );
    assert.equal(
      await hopper("publish", "events", "a.b", "3", "--delay", "100"),
      "Published to exchange 'events' with key 'a.b'; it arrives in 100 ms",
    );
    const cancellable = await hopper("send", "tasks", "4", "--delay", "1h", "--cancellable");
    const [, id] =
      /^Sent to queue 'tasks'; it arrives in 1h\nTo cancel it: hopper cancel (\S+)$/.exec(cancellable) ?? [];
    assert.equal(await hopper("cancel", id!), "Cancelled: it will not arrive");
    const bodies = (await broker.take("tasks", 4)).map(({ content }) => `${content}`);
    assert.deepEqual(bodies.toSorted(), ["0", "1", "2", "3"]);
  },
);

Deno.test("A wrong delay on a command line says what to write", async () => {
  const wrong = async (...args: string[]) => {
    const { code, stderr } = await hopperCommand(["send", "tasks", "x", ...args], {
      broker: "amqp://127.0.0.1:1",
    });
    assert.equal(code, 2, stderr);
    return stderr;
  };
  const [soon, never, alone] = await Promise.all([
    wrong("--delay", "soon"),
    wrong("--delay", "-5s"),
    wrong("--cancellable"),
  ]);
  assert.match(soon, /'soon' is not a duration; expected milliseconds/);
  assert.match(never, /'-5s' is not a duration/);
  assert.match(alone, /--cancellable goes with --delay or --at/);
});
