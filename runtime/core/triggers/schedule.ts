import { declare, type FunctionDeclaration, type Handler } from "../api/function.ts";
import type { Options } from "../api/options.ts";
import type { Tick } from "../api/schedule.ts";
import { tickSchema } from "../schedule/tick.ts";

/** The options of a schedule. A tick is always read in the same way and run by itself. */
export type ScheduleOptions<Output = unknown, State = unknown> = Omit<
  Options<Tick, Output, State>,
  "batch" | "codec" | "input" | "order"
>;

/**
 * Runs at the times of a cron line, or in an interval: each time once, however many runtimes serve the function.
 *
 * The cron line has five fields (minute, hour, day of the month, month, day of the week), or six, of which the first is
 * the second. It is in UTC, unless the option `timezone` says otherwise. An interval is written `"every 5m"`.
 *
 * @example
 * ```ts
 * import { schedule } from "hopper";
 *
 * export default schedule("0 3 * * *", { timezone: "Europe/Berlin", catchUp: "once" }, (tick, { log }) => {
 *   log.info(`The report of ${tick.at.toISOString()}`);
 * });
 * ```
 */
export function schedule<Output = unknown>(
  expression: string,
  handler: Handler<Tick, Output>,
): FunctionDeclaration<Tick, Output>;
/** Runs at the times of a cron line, or in an interval, with options. */
export function schedule<Output = unknown, State = unknown>(
  expression: string,
  options: ScheduleOptions<Output, State>,
  handler: Handler<Tick, Output, State>,
): FunctionDeclaration<Tick, Output, State>;
export function schedule<Output, State>(
  expression: string,
  ...rest: [Handler<Tick, Output, State>] | [ScheduleOptions<Output, State>, Handler<Tick, Output, State>]
): FunctionDeclaration<Tick, Output, State> {
  const [options, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
  // What is no object is wrong, and is reported with the rest of the file.
  const read = typeof options === "object" ? { input: tickSchema, ...options } : options;
  return declare<Tick, Output, State>({ kind: "schedule", expression }, read, handler);
}
