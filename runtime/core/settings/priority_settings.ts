import * as z from "zod";

const expected = "Expected a whole number from 1 to 255";

/** The setting `maxPriority`: a queue's `x-max-priority`. */
export const maxPrioritySchema = z.int(expected).min(1, expected).max(255, expected);
