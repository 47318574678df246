import assert from "node:assert/strict";
import { BatchFailed, queue, Reject, Retry, rpc, RpcError } from "../../../runtime/mod.ts";
import type { FunctionDeclaration, Middleware, RunResult } from "../../../runtime/mod.ts";
import type { Batch } from "../../../runtime/core/ports/host.ts";
import type { Outcome } from "../../../runtime/core/ports/outcome.ts";
import { executable, execute } from "../../../runtime/host/execute/execute.ts";
import { RunSignal } from "../../../runtime/host/execute/run_signal.ts";
import { job } from "../../support/job.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) => new TextDecoder().decode(body);

const ran = async (declaration: unknown, body = "1"): Promise<Outcome> =>
  await execute(
    executable("f", declaration as FunctionDeclaration, 128),
    job(body, { attempt: 3 }),
    new RunSignal(),
    { made: "once" },
  );
const replyTo = async (declaration: unknown, body?: string) => {
  const outcome = await ran(declaration, body);
  return outcome.kind === "returned" ? text(outcome.output?.body) : outcome;
};
const errorOf = async (use: Middleware, handler: () => unknown = () => 1) => {
  const outcome = await ran(rpc("r", { use: [use] }, handler));
  return "error" in outcome ? `${outcome.kind}: ${(outcome.error as Error).message}` : outcome.kind;
};

Deno.test("Middleware runs around the handler, the first outermost, and sees the run and its result", async () => {
  const steps: string[] = [];
  const step = (name: string): Middleware => async (run, next) => {
    steps.push(
      `${name} before ${run.name} ${text(run.message.body)} ${run.attempts} ${JSON.stringify(run.state)}`,
    );
    const result = await next();
    steps.push(`${name} after ${text(result.body)}`);
    return result;
  };
  const double = rpc("r", { use: [step("outer"), step("inner")] }, (n: number) => {
    steps.push(`handler ${n}`);
    return 2 * n;
  });
  assert.equal(await replyTo(double, "21"), "42");
  assert.deepEqual(steps, [
    'outer before f 21 3 {"made":"once"}',
    'inner before f 21 3 {"made":"once"}',
    "handler 21",
    "inner after 42",
    "outer after 42",
  ]);
});

Deno.test("A middleware changes the body before it is decoded, and the reply after it is encoded", async () => {
  const reversed = (body: Uint8Array) => body.toReversed();
  const backwards: Middleware = async (run, next) => {
    const { body } = await next({ body: reversed(run.message.body), contentType: "application/json" });
    return { body: reversed(body!), contentType: "text/plain" };
  };
  const sees: Middleware = (run, next) => {
    assert.equal(text(run.message.body), `{"n":12}`);
    assert.equal(run.message.contentType, "application/json");
    return next();
  };
  const f = rpc("r", { use: [backwards, sees] }, ({ n }: { n: number }, { message }) => {
    assert.equal(text(message.body), `{"n":12}`);
    return n + 1;
  });
  const outcome = await ran(f, `}21:"n"{`);
  assert.ok(outcome.kind === "returned");
  assert.deepEqual([text(outcome.output?.body), outcome.output?.contentType], ["31", "text/plain"]);
});

Deno.test("What a handler or a middleware throws ends the run in the same way, and a middleware may catch it", async () => {
  const rethrows: Middleware = async (_run, next) => {
    try {
      return await next();
    } catch (error) {
      throw error;
    }
  };
  for (
    const [error, kind] of [[new Error("No"), "failed"], [new Reject("No"), "rejected"], [
      new Retry({ after: 10, reason: "No" }),
      "retry",
    ], [new RpcError("NO", { detail: "No" }), "failed"]] as const
  ) {
    const throwing = () => {
      throw error;
    };
    assert.equal(await errorOf(rethrows, throwing), `${kind}: No`);
    assert.equal(await errorOf(throwing), `${kind}: No`);
    assert.equal(await errorOf(() => Promise.reject(error)), `${kind}: No`);
  }
  const catches: Middleware = async (_run, next) => await next().catch(() => ({ body: bytes(`"caught"`) }));
  const f = rpc("r", { use: [catches] }, () => {
    throw new Error("No");
  });
  assert.equal(await replyTo(f), `"caught"`);
});

Deno.test("A body that cannot be decoded rejects next()", async () => {
  const seen: unknown[] = [];
  const watches: Middleware = async (_run, next) => {
    try {
      return await next();
    } catch (error) {
      seen.push(error);
      throw error;
    }
  };
  const outcome = await ran(queue("q", { use: [watches], codec: "json" }, () => {}), "{");
  assert.equal(outcome.kind, "rejected");
  assert.ok(seen[0] instanceof Reject);
});

Deno.test("A middleware may run nothing with skip(), but an rpc needs a reply", async () => {
  const skips: Middleware = (run) => run.skip();
  const called = () => assert.fail("called");
  assert.deepEqual(await ran(queue("q", { use: [skips] }, called)), { kind: "returned" });
  assert.deepEqual(await ran(queue("q", { use: [skips], publish: { queue: "a" } }, called)), {
    kind: "returned",
  });
  assert.match(await errorOf(skips), /^failed: The middleware gave no reply/);
  assert.equal(await replyTo(rpc("r", { use: [() => ({ body: bytes("7") })] }, called)), "7");
});

Deno.test("A middleware that breaks the rules fails the run, and the error says what to write", async () => {
  const nothing = (async (_run: unknown, next: () => Promise<RunResult>) => {
    await next();
  }) as unknown as Middleware;
  assert.equal(
    await errorOf(nothing),
    "failed: Middleware 'nothing' returned nothing; write: return await next(), or, to run nothing: return run.skip()",
  );
  const twice: Middleware = async (_run, next) => {
    await next();
    return await next();
  };
  assert.equal(
    await errorOf(twice),
    "failed: Middleware 'twice' called next() twice; the handler runs once for each run: call next() once",
  );
  const early: Middleware = (_run, next) => {
    next();
    return { body: bytes("1") };
  };
  let ended = false;
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended = true;
    throw new Error("nobody waits for this");
  };
  assert.equal(
    await errorOf(early, slow),
    "failed: Middleware 'early' returned before next() had ended; write: return await next()",
  );
  assert.ok(ended, "the run ends when its handler does");
  const late: { next?: () => Promise<RunResult> } = {};
  await errorOf((_run, next) => {
    late.next = next;
    return { body: bytes("1") };
  });
  await assert.rejects(late.next!(), /called next\(\) after it had returned/);
  const odd = (result: unknown) => errorOf((() => result) as Middleware);
  assert.match(await odd(5), /^failed: Middleware 'use\[0\]' returned 5; return what next\(\) gave/);
  assert.match(await odd({ body: "text" }), /returned a body that is "text"/);
  assert.match(await odd({ body: bytes("1"), contentType: 5 }), /returned a contentType that is 5/);
  assert.match(
    await errorOf((_run, next) => next({ body: "text" } as never)),
    /next\(\) got a body that is "text"/,
  );
  assert.match(await errorOf((_run, next) => next([{}, {}])), /changes of 2 messages, and the run has 1/);
  assert.match(await errorOf((_run, next) => next(5 as never)), /next\(\) got 5/);
});

Deno.test("A batch runs once through the middleware, which sees and may change each of its messages", async () => {
  let result: RunResult | undefined;
  const adds: Middleware = async (run, next) => {
    assert.throws(() => run.message, /read run\.messages/);
    result = await next(run.messages.map(({ body }) => ({ body: bytes(`${text(body)}0`) })));
    return result;
  };
  let got: unknown;
  const declaration = queue("q", { batch: { size: 5 }, use: [adds] }, (items: unknown[], { messages }) => {
    got = [items, messages.map(({ body }) => text(body))];
    return new BatchFailed([{ item: 1, error: new Error("No") }]);
  });
  const code = executable("f", declaration as unknown as FunctionDeclaration, 128);
  const told: Record<number, string> = {};
  const outcome = await execute(
    code,
    {
      items: [job("1"), job("2"), job("3")],
      callerUntil: Infinity,
      caller: {} as Batch["caller"],
      log: () => {},
      settle: () => {},
      itemEnded: (index, { kind }) => told[index] = kind,
    },
    new RunSignal(),
    undefined,
  );
  assert.deepEqual(got, [[10, 20, 30], ["10", "20", "30"]]);
  assert.deepEqual([outcome.kind, told], ["returned", { 1: "failed" }]);
  assert.deepEqual(result?.failed?.map(({ item, error }) => [item, String(error)]), [[1, "Error: No"]]);
});

Deno.test("Without middleware a handler that returns at once ends at once", () => {
  const outcome = execute(
    executable("f", rpc("r", (n: number) => n) as FunctionDeclaration, 128),
    job("1"),
    new RunSignal(),
    undefined,
  );
  assert.ok(!(outcome instanceof Promise));
});
