import { queue } from "hopper";
import type { Counted, Part } from "./_report.ts";

/** Does the work on one text, beside those on the others. */
export default queue(
  "report.parts",
  { publish: { queue: "report.counted" } },
  ({ text, ...part }: Part): Counted => ({ ...part, words: text.split(/\s+/).filter(Boolean).length }),
);
