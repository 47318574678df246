import type { Duration } from "./duration.ts";

/** When a message shall arrive. */
export interface DelayOptions {
  /** How long it waits at the broker before it arrives: 50 milliseconds to a year, such as `"10m"`. */
  readonly delay?: Duration;
  /**
   * When it arrives: a Date, or text with a time zone such as `"2027-01-31T09:00:00Z"`, within a year. A time that is
   * over means at once.
   */
  readonly at?: Date | string;
  /** Whether the message can be cancelled while it waits. Then `send` returns an id for `cancel`. @default false */
  readonly cancel?: boolean;
}
