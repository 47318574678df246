import type { Batch, Job } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { batchOf, jobOf } from "./changed_work.ts";

/** Runs the messages of a batch one by one. */
export async function eachAlone(
  batch: Batch,
  run: (job: Job) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  await Promise.all(batch.items.map(async (item, index) => {
    batch.itemEnded(index, await run(jobOf(batch, item)));
  }));
  return { kind: "returned" };
}

/** Runs one message as a batch of one. */
export async function asBatch(
  job: Job,
  run: (batch: Batch) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  let ended: Outcome | undefined;
  const whole = await run(batchOf(job, [job], (_, outcome) => ended = outcome));
  return ended ?? whole;
}
