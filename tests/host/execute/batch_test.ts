import assert from "node:assert/strict";
import { BatchFailed, Reject, Retry } from "../../../runtime/mod.ts";
import type { BatchContext, BatchHandler } from "../../../runtime/mod.ts";
import type { Batch } from "../../../runtime/core/ports/host.ts";
import type { Outcome } from "../../../runtime/core/ports/outcome.ts";
import { executable, execute } from "../../../runtime/host/execute/execute.ts";
import { RunSignal } from "../../../runtime/host/execute/run_signal.ts";
import { queue } from "../../../runtime/mod.ts";
import type { FunctionDeclaration, StandardSchema } from "../../../runtime/mod.ts";
import { job } from "../../support/job.ts";

/** Fits numbers. */
const input: StandardSchema<unknown, unknown> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => {
      if (value === "throw") throw new TypeError("The schema fails");
      return typeof value === "number" ? { value } : { issues: [{ message: "Expected a number" }] };
    },
  },
};

/** How the batch ended, and each item that ended otherwise. */
interface Ended {
  readonly whole: Outcome;
  readonly items: Record<number, Outcome>;
}

async function runBatch(
  bodies: readonly string[],
  handler: BatchHandler,
  options: { input?: StandardSchema<unknown, unknown> } = {},
): Promise<Ended> {
  const declaration = queue("q", { batch: { size: 10 }, ...options }, handler);
  const code = executable("f", declaration as unknown as FunctionDeclaration, 128);
  const items: Record<number, Outcome> = {};
  const batch: Batch = {
    items: bodies.map((body, i) => job(body, { attempt: i + 1 })),
    callerUntil: Infinity,
    caller: {} as Batch["caller"],
    log: () => {},
    settle: () => {},
    itemEnded: (index, outcome) => items[index] = outcome,
  };
  return { whole: await execute(code, batch, new RunSignal(), undefined), items };
}

const shown = ({ whole, items }: Ended) => ({
  whole: textOf(whole),
  items: Object.fromEntries(Object.entries(items).map(([index, outcome]) => [index, textOf(outcome)])),
});
const textOf = (outcome: Outcome) =>
  "error" in outcome ? `${outcome.kind}: ${(outcome.error as Error).message ?? outcome.error}` : outcome.kind;

Deno.test("A handler gets all items of a batch in one list, with their messages and attempts beside it", async () => {
  let seen: unknown;
  const ended = await runBatch(["1", "2"], (items, ctx: BatchContext) => {
    seen = [items, ctx.messages.map(({ body }) => new TextDecoder().decode(body)), ctx.attempts, ctx.name];
  });
  assert.deepEqual(seen, [[1, 2], ["1", "2"], [1, 2], "f"]);
  assert.deepEqual(shown(ended), { whole: "returned", items: {} });
});

for (const how of ["returned", "thrown"] as const) {
  Deno.test(`Only the items that BatchFailed names have failed, each for its own reason (${how})`, async () => {
    const failures = [
      { item: 1, error: new Error("No") },
      { item: 2, error: new Reject("Never") },
      { item: 3, error: new Retry({ after: "10s" }) },
      { item: 4 },
      { item: 1, error: new Error("A second reason for the same item") },
    ];
    const ended = await runBatch(["0", "1", "2", "3", "4"], async () => {
      await Promise.resolve();
      if (how === "returned") return new BatchFailed(failures);
      throw new BatchFailed(failures);
    });
    assert.deepEqual(shown(ended), {
      whole: "returned",
      items: {
        1: "failed: No",
        2: "rejected: Never",
        3: "retry: The handler asked for a retry",
        4: "failed: The handler named item 4 in BatchFailed",
      },
    });
    assert.equal(ended.items[3]!.kind === "retry" && ended.items[3]!.after, 10_000);
  });
}

Deno.test("Items that cannot be decoded or do not fit the schema end by themselves, and indices count the others", async () => {
  let got: unknown;
  const ended = await runBatch(["1", `"text"`, `"throw"`, "4", "5"], (items, { attempts }) => {
    got = [items, attempts];
    throw new BatchFailed([{ item: 1, error: new Error("No") }]);
  }, { input });
  assert.deepEqual(got, [[1, 4, 5], [1, 4, 5]]);
  assert.deepEqual(shown(ended), {
    whole: "returned",
    items: {
      1: "rejected: The input does not match its schema: Expected a number",
      2: "failed: The schema fails",
      3: "failed: No",
    },
  });
});

Deno.test("The handler is not called for a batch of which no item fits", async () => {
  const ended = await runBatch([`"a"`, `"b"`], () => assert.fail("called"), { input });
  assert.equal(ended.whole.kind, "returned");
  assert.deepEqual(Object.values(ended.items).map(({ kind }) => kind), ["rejected", "rejected"]);
});

Deno.test("Anything else that is thrown is the end of every item", async () => {
  for (
    const [thrown, kind] of [[new Error("No"), "failed"], [new Reject("No"), "rejected"], [
      new Retry(),
      "retry",
    ]] as const
  ) {
    const ended = await runBatch(["1", "2"], () => {
      throw thrown;
    });
    assert.equal(ended.whole.kind, kind);
    assert.deepEqual(ended.items, {});
  }
});

Deno.test("A wrong BatchFailed fails the whole batch, and says what to write", async () => {
  const messageOf = async (handler: BatchHandler) => {
    const { whole, items } = await runBatch(["1", "2"], handler);
    assert.deepEqual(items, {});
    return whole.kind === "failed" && (whole.error as Error).message;
  };
  assert.equal(
    await messageOf(() => new BatchFailed([{ item: 0 }, { item: 2 }])),
    "BatchFailed names item 2, and the batch has items 0 to 1; write the index in the list that the handler got",
  );
  assert.equal(
    await messageOf(() => {
      throw new BatchFailed([]);
    }),
    "BatchFailed was thrown without an item; return it to say that none failed",
  );
  assert.equal(
    await messageOf(() => [{ item: 1, error: new Error("No") }]),
    "The handler returned a list that seems to say what failed; write: return new BatchFailed([{ item: 3, error }])",
  );
  assert.equal(
    await messageOf(() => new BatchFailed({ item: 1 } as never)),
    'BatchFailed needs a list of what failed, got {"item":1}; write: new BatchFailed([{ item: 3, error }])',
  );
  assert.equal(
    await messageOf(() => new BatchFailed([{ item: -1 }])),
    'BatchFailed needs the index of each item that failed, a whole number from 0, got {"item":-1}; ' +
      "write: new BatchFailed([{ item: 3, error }])",
  );
  assert.match(
    String(
      await messageOf(function* () {
        yield 1;
      }),
    ),
    /generator/,
  );
});

Deno.test("What a handler returns otherwise, and a BatchFailed without items, mean that all is handled", async () => {
  for (const output of [undefined, [1, 2], { changes: 2 }, new BatchFailed([])]) {
    assert.deepEqual(shown(await runBatch(["1", "2"], () => output)), { whole: "returned", items: {} });
  }
});

Deno.test("While a deploy replaces single messages by batches, or batches by single ones, each runs in the code that is there", async () => {
  const forBatches = executable(
    "f",
    queue("q", { batch: { size: 10 } }, (items: unknown[]) => {
      if (items[0] === "bad") throw new BatchFailed([{ item: 0, error: new Error("No") }]);
    }) as unknown as FunctionDeclaration,
    128,
  );
  assert.equal((await execute(forBatches, job("1"), new RunSignal(), undefined)).kind, "returned");
  assert.equal((await execute(forBatches, job(`"bad"`), new RunSignal(), undefined)).kind, "failed");

  const forSingle = executable(
    "f",
    queue("q", (item) => {
      if (item === "bad") throw new Error("No");
    }) as FunctionDeclaration,
    128,
  );
  const items: Record<number, string> = {};
  const whole = await execute(
    forSingle,
    {
      items: [job("1"), job(`"bad"`)],
      callerUntil: Infinity,
      caller: {} as Batch["caller"],
      log: () => {},
      settle: () => {},
      itemEnded: (index, { kind }) => items[index] = kind,
    },
    new RunSignal(),
    undefined,
  );
  assert.deepEqual([whole.kind, items], ["returned", { 0: "returned", 1: "failed" }]);
});
