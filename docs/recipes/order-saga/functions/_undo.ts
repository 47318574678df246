import type { Context } from "hopper";
import type { Saga } from "./_saga.ts";

/** For `onExhausted`: once a step has failed for good, what was done before it is undone. */
export async function undo({ order, done }: Saga, error: Error, ctx: Context): Promise<void> {
  await ctx.send("saga.undo", { order, done, why: error.message }, { messageId: `${order.id}.undo` });
}
