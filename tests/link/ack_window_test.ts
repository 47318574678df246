import assert from "node:assert/strict";
import fc from "fast-check";
import { AckWindow } from "../../runtime/link/ack_window.ts";

/** The broker's side of a channel: it knows what it delivered, and closes the channel for an unknown tag. */
class ModelBroker {
  readonly unsettled = new Set<number>();
  readonly acked: number[] = [];
  readonly #prefetch: number;
  #lastTag = 0;

  constructor(prefetch: number) {
    this.#prefetch = prefetch;
  }

  /** Delivers the next message, if the prefetch allows it. */
  deliver(): number | undefined {
    if (this.unsettled.size >= this.#prefetch) return undefined;
    this.unsettled.add(++this.#lastTag);
    return this.#lastTag;
  }

  ack(tag: number, multiple: boolean): void {
    assert.ok(this.unsettled.has(tag), `406 PRECONDITION_FAILED - unknown delivery tag ${tag}`);
    for (const other of multiple ? [...this.unsettled] : [tag]) {
      if (other > tag) continue;
      this.unsettled.delete(other);
      this.acked.push(other);
    }
  }

  requeue(tag: number): void {
    assert.ok(this.unsettled.delete(tag), `406 PRECONDITION_FAILED - unknown delivery tag ${tag}`);
  }
}

/** A window and the acknowledgements that it has sent: `5*` is one with `multiple`. */
function windowWith(deliveries: number): { window: AckWindow; sent: string[] } {
  const sent: string[] = [];
  const window = new AckWindow((tag, multiple) => sent.push(`${tag}${multiple ? "*" : ""}`));
  for (let tag = 1; tag <= deliveries; tag++) window.deliver(tag);
  return { window, sent };
}

Deno.test("Deliveries that are completed in one turn are acknowledged together", () => {
  const { window, sent } = windowWith(5);
  for (const tag of [1, 2, 3]) window.complete(tag);
  window.flush();
  assert.deepEqual(sent, ["3*"]);
});

Deno.test("Deliveries are acknowledged together in whatever order they are completed", () => {
  const { window, sent } = windowWith(5);
  for (const tag of [3, 1, 2]) window.complete(tag);
  window.flush();
  assert.deepEqual(sent, ["3*"]);
});

Deno.test("Deliveries after a slow message are acknowledged one by one", () => {
  const { window, sent } = windowWith(5);
  for (const tag of [1, 3, 4]) window.complete(tag);
  window.flush();
  assert.deepEqual(sent, ["1", "3", "4"]);
});

Deno.test("A delivery that was acknowledged after a slow message is not acknowledged again", () => {
  const { window, sent } = windowWith(5);
  for (const tag of [2, 3]) window.complete(tag);
  window.flush();
  for (const tag of [1, 4]) window.complete(tag);
  window.flush();
  assert.deepEqual(sent, ["2", "3", "4*"]);
});

Deno.test("A requeued delivery is not acknowledged, and does not split an acknowledgement of several", () => {
  const { window, sent } = windowWith(3);
  window.forget(2);
  for (const tag of [1, 3]) window.complete(tag);
  window.flush();
  assert.deepEqual(sent, ["3*"]);
});

Deno.test("A turn without completed deliveries sends no acknowledgement", () => {
  const { window, sent } = windowWith(3);
  window.flush();
  assert.deepEqual(sent, []);
});

Deno.test("The window does not grow while one message is never settled", () => {
  const { window } = windowWith(1);
  for (let tag = 2; tag < 10_000; tag++) {
    window.deliver(tag);
    window.complete(tag);
    window.flush();
  }
  assert.equal(window.outstanding, 1);
});

type Step =
  | { readonly kind: "deliver" | "flush" }
  /** `which` chooses one of the deliveries under way. */
  | { readonly kind: "complete" | "requeue"; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ kind: "deliver" }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("complete" as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("requeue" as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: "flush" }) },
);

Deno.test("For any sequence of steps, a flush acknowledges each completed delivery once and nothing else", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 30 }), (steps, prefetch) => {
      const broker = new ModelBroker(prefetch);
      const window = new AckWindow((tag, multiple) => broker.ack(tag, multiple));
      const running: number[] = [];
      const completed: number[] = [];
      const flush = () => {
        window.flush();
        assert.deepEqual([...broker.acked].sort(byNumber), [...completed].sort(byNumber));
        assert.deepEqual([...broker.unsettled], running, "none but those under way is outstanding");
        assert.equal(window.outstanding, running.length);
      };
      for (const step of steps) {
        if (step.kind === "flush") flush();
        if (step.kind === "deliver") {
          const tag = broker.deliver();
          if (tag === undefined) continue;
          window.deliver(tag);
          running.push(tag);
        }
        if (!("which" in step) || running.length === 0) continue;
        const [tag] = running.splice(step.which % running.length, 1) as [number];
        if (step.kind === "complete") {
          window.complete(tag);
          completed.push(tag);
        } else {
          broker.requeue(tag);
          window.forget(tag);
        }
      }
      flush();
    }),
    { numRuns: 500 },
  );
});

function byNumber(a: number, b: number): number {
  return a - b;
}
