import type { Command } from "commander";
import type { DelayOptions } from "../core/api/delay_options.ts";
import type { Duration } from "../core/api/duration.ts";
import { durationFlag } from "./flags.ts";

/** Flags that say when a message shall arrive. */
export interface DelayFlags {
  readonly delay?: Duration;
  readonly at?: string;
}

/** Adds `--delay` and `--at` to a command. */
export function withDelay(command: Command): Command {
  return command
    .option("--delay <duration>", "how long the broker keeps it before it arrives, such as 10m", durationFlag)
    .option("--at <time>", "when it arrives, with a time zone: 2027-01-31T09:00:00Z");
}

/** The flags as options of `send` and `publish`. */
export function delayOf({ delay, at }: DelayFlags): DelayOptions {
  return { delay, at };
}

/** How to say when a message arrives; `""` for at once. */
export function shownDelay({ delay, at }: DelayFlags): string {
  if (at !== undefined) {
    return Date.parse(at) <= Date.now()
      ? "; its time is over, so it arrives at once"
      : `; it arrives at ${at}`;
  }
  return delay === undefined ? "" : `; it arrives in ${typeof delay === "number" ? `${delay} ms` : delay}`;
}
