/** What becomes of the ticks that were due while nobody could run them. */
export type CatchUp =
  /** They are not run. */
  | "skip"
  /** The latest of them is run. */
  | "once"
  /** Each of them is run, the oldest first, at most the latest 1,000. */
  | "all";

/** Settings of a schedule. */
export interface ScheduleSettings {
  /** The time zone of its cron line, such as `"Europe/Berlin"`. @default "UTC" */
  readonly timezone?: string;
  /**
   * What becomes of the ticks that were due while no runtime was there: none is run, the latest, or all. A tick that is
   * at most a minute late counts as on time. @default "skip"
   */
  readonly catchUp?: CatchUp;
  /** Whether a tick may begin while an earlier one still runs. @default false */
  readonly overlap?: boolean;
}

/** What the handler of a schedule gets. */
export interface Tick {
  /** When it was due; of a tick that was fired by hand, when that was. */
  readonly at: Date;
  /**
   * When the tick before it was due, so that what lies between the two can be handled. Missing in the first tick of a
   * schedule and in one that was fired by hand.
   */
  readonly previous?: Date;
  /** Whether somebody fired it by hand. */
  readonly manual: boolean;
}
