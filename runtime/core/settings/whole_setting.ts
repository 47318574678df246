import * as z from "zod";

/** A whole number from 1 to `max`. */
export function whole(max: number) {
  const expected = `Expected a whole number from 1 to ${max}`;
  return z.int(expected).min(1, expected).max(max, expected);
}
