import * as z from "zod";
import { durationForm, maxWait, parseDuration } from "../api/duration.ts";

/** A duration in a setting, of at least `min` milliseconds. It is converted to milliseconds. */
export const duration = (min: 0 | 1) =>
  z.custom<number | string>((value) => {
    const ms = parseDuration(value);
    return ms !== undefined && ms >= min && ms <= maxWait;
  }, `Expected ${durationForm}; ${min === 0 ? "" : "more than 0 and "}less than 25 days`)
    .transform((value) => parseDuration(value)!);
