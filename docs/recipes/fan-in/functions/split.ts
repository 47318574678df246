import { queue, Reject } from "hopper";
import type { Part, Report } from "./_report.ts";

/** Fans out: one message for each text. */
export default queue("reports", async ({ id, texts }: Report, ctx) => {
  if (texts.length === 0) throw new Reject("A report needs at least one text");
  for (const [part, text] of texts.entries()) {
    const message: Part = { report: id, part, of: texts.length, text };
    // After a crash the loop begins again; the same id lets the next function recognise what it has had.
    await ctx.send("report.parts", message, { messageId: `${id}.${part}` });
  }
});
