import assert from "node:assert/strict";
import { type Options, queue, rpc } from "../../../runtime/mod.ts";
import { problems } from "../../support/declared.ts";

const handler = () => {};
const onQueue = (options: Options) =>
  problems(queue("orders", options, handler)).map(({ message, fix }) => `${message}; ${fix}`);
const onRpc = (options: Options) =>
  problems(rpc("fib", options, handler)).map(({ message, fix }) => `${message}; ${fix}`);

Deno.test("What makes no sense for a stream is refused", () => {
  const refused: [options: object, message: RegExp][] = [
    [{ durable: false }, /^Option 'queueType: "stream"' is always durable; remove 'durable: false'$/],
    [{ exclusive: true }, /^Option 'queueType: "stream"' cannot be exclusive; remove 'exclusive'/],
    [{ ack: "none" }, /^Option 'queueType: "stream"' needs ack: "auto": .*; remove 'ack'$/],
    [{ ack: "manual" }, /^Option 'queueType: "stream"' needs ack: "auto"/],
    [{ maxPriority: 5 }, /^Option 'queueType: "stream"' has no 'maxPriority'/],
    [{ declare: "passive" }, /^Option 'queueType: "stream"' does not go with 'declare: "passive"'/],
    [
      { arguments: { "x-max-length": 5 } },
      /^A stream has no argument 'x-max-length'; allowed: x-max-length-bytes, /,
    ],
  ];
  for (const [options, message] of refused) {
    const [fault, ...more] = onQueue({ queueType: "stream", ...options });
    assert.match(fault!, message);
    assert.deepEqual(more, []);
  }
  assert.deepEqual(
    onQueue({
      queueType: "stream",
      from: "first",
      filter: "eu",
      arguments: { "x-max-age": "7D" },
      dedupe: { for: "1h" },
    }),
    [],
  );
  assert.match(
    onRpc({ queueType: "stream" })[0]!,
    /^Option 'queueType: "stream"' is for queue\(…\): rpc\(…\) needs/,
  );
  assert.deepEqual(onQueue({ from: "first" }), [
    `Option 'from' says where in a stream to begin, and the queue is classic; remove 'from', or write: queueType: "stream"`,
  ]);
  assert.deepEqual(onQueue({ filter: "eu" }), [
    `Option 'filter' says which messages of a stream are wanted, and the queue is classic; remove 'filter', or write: queueType: "stream"`,
  ]);
});
