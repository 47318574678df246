import assert from "node:assert/strict";
import type { Caller } from "../../../runtime/core/api/context.ts";
import { asErrorCopy, reviveError } from "../../../runtime/host/wire/error_copy.ts";
import { HopperError } from "../../../runtime/core/api/errors.ts";
import { pack } from "../../../runtime/host/wire/packed.ts";
import { HeaderTable } from "../../../runtime/amqp/header_table.ts";
import { AnsweredAsks } from "../../../runtime/host/process/requests.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Sends requests to a runtime whose caller is the test's. */
function asking(caller: Partial<Caller>) {
  const answers: { id: number; error?: HopperError; body: string }[] = [];
  const asks = new AnsweredAsks(() => caller as Caller, (_kind, id, head, body) => {
    const { error } = head as { error?: unknown };
    answers.push({
      id,
      ...(error === undefined ? {} : { error: reviveError(asErrorCopy(error)) as HopperError }),
      body: new TextDecoder().decode(body ?? new Uint8Array()),
    });
  });
  const ask = (id: number, head: unknown, body: Uint8Array = text('"hello"')) =>
    asks.take({ kind: 3, id, head, body, size: body.length });
  return { asks, answers, ask };
}

const send = (options: unknown = {}) => ({
  op: "send",
  to: ["q"],
  contentType: "application/json",
  options: pack(options),
});

const table = (headers: Record<string, unknown>) => HeaderTable.of(headers).bytes;

Deno.test("A process's request to send a message keeps its options and content type", async () => {
  const sent: unknown[] = [];
  const { ask, answers } = asking({ send: (...args) => Promise.resolve(void sent.push(args)) as never });
  const options = { messageId: "m", priority: 5 };

  await ask(1, send({ ...options, headers: table({ n: 1n }), contentType: undefined }));

  const [[queue, body, { headers, ...others }]] = sent as [[string, Uint8Array, { headers: HeaderTable }]];
  assert.deepEqual([queue, body, others], ["q", text('"hello"'), {
    contentType: "application/json",
    ...options,
  }]);
  assert.deepEqual(headers.bytes, table({ n: 1n }), "as wide as it was sent");
  assert.deepEqual(answers, [{ id: 1, body: "" }]);
});

Deno.test("A process's request to call gets the answer, or the error with its class", async () => {
  const { ask, answers } = asking({
    call: (name) =>
      name === "good" ? Promise.resolve({ n: 1 } as never) : Promise.reject(new HopperError("NO", "No")),
  });
  const call = (name: string) => ({ op: "call", to: [name], contentType: "application/json", options: {} });

  await ask(1, call("good"));
  await ask(2, call("bad"));

  assert.deepEqual(answers[0], { id: 1, body: '{"n":1}' });
  assert.deepEqual([answers[1]!.id, answers[1]!.error!.code], [2, "NO"]);
});

Deno.test("A malformed request of a process is answered with an error", async () => {
  const { ask, answers } = asking({ send: () => Promise.resolve() as never });

  for (const head of [undefined, null, 5, {}, { op: "drop" }, { op: "send" }, { op: "send", to: 5 }]) {
    await ask(1, head);
  }
  await ask(2, { ...send(), options: { $: "object", value: 5 } });
  const nan = new Uint8Array([1, 97, 100, 127, 248, 0, 0, 0, 0, 0, 0]);
  for (const headers of [{}, 5, null, new Uint8Array(3), new Uint8Array([1, 97, 63]), nan]) {
    await ask(3, send({ headers }));
  }

  assert.equal(answers.filter(({ error }) => error instanceof Error).length, 14);
});

Deno.test("A process may have a thousand requests under way, whatever their numbers", async () => {
  const gate = Promise.withResolvers<void>();
  const { ask, answers } = asking({ send: () => gate.promise as never });

  const asked = Array.from({ length: 1500 }, (_, i) => ask(i % 3, send()));
  assert.equal(answers.length, 500);
  assert.ok(answers.every(({ error }) => error!.code === "TOO_MANY_ASKS"));
  gate.resolve();
  await Promise.all(asked);
  await ask(1, send());

  assert.equal(answers.filter(({ error }) => error === undefined).length, 1001);
});

Deno.test("The requests of a process may have 32 MB together, or one larger body alone", async () => {
  const gate = Promise.withResolvers<void>();
  const { ask, answers } = asking({ send: () => gate.promise as never });
  const megabytes = (n: number) => new Uint8Array(n * 1024 * 1024);

  const asked = [ask(1, send(), megabytes(40)), ask(2, send(), megabytes(1))];
  assert.deepEqual(answers.map(({ id }) => id), [2]);
  gate.resolve();
  await Promise.all(asked);

  assert.deepEqual(answers.map(({ id, error }) => [id, error?.code]), [[2, "TOO_MANY_ASKS"], [1, undefined]]);
});

Deno.test("A call is aborted when its process forgets it or is gone", async () => {
  const reasons: string[] = [];
  const { asks, ask } = asking({
    call: (name, _input, options) =>
      new Promise((_, reject) =>
        options!.signal!.addEventListener("abort", () => {
          reasons.push(name);
          reject(new Error("ended"));
        })
      ),
  });
  const call = (name: string) => ({ op: "call", to: [name], contentType: "application/json", options: {} });

  const asked = [ask(1, call("a")), ask(2, call("b"))];
  asks.forget(1);
  asks.forget(99);
  assert.deepEqual(reasons, ["a"]);
  asks.close();
  await Promise.all(asked);
  assert.deepEqual(reasons, ["a", "b"]);
});
