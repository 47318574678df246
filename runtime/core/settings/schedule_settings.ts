import * as z from "zod";
import { didYouMean } from "../text/suggest.ts";

/** Whether this system knows a time zone by that name. */
function isZone(name: string): boolean {
  // `Intl` also takes offsets, which have no daylight saving time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function expectedZone(name: unknown): string {
  const near = typeof name === "string"
    ? didYouMean(name, ["UTC", ...Intl.supportedValuesOf("timeZone")])
    : "";
  return `Expected a time zone, such as "Europe/Berlin"${near}`;
}

/** The settings of a schedule. */
export const scheduleSettings = {
  timezone: z.string('Expected a time zone, such as "Europe/Berlin"').refine(isZone, {
    error: ({ input }) => expectedZone(input),
  }).default("UTC").describe('the time zone of a schedule\'s cron line, such as `"Europe/Berlin"`'),
  catchUp: z.enum(["skip", "once", "all"]).default("skip").describe(
    "what becomes of a schedule's ticks that were due while no runtime was there: `skip`: none is run; `once`: the " +
      "latest; `all`: each, the latest 1,000 at most",
  ),
  overlap: z.boolean().default(false).describe(
    "whether a tick of a schedule may begin while an earlier one still runs",
  ),
};
