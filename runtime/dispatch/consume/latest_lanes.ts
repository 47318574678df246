import type { Latest } from "../../core/settings/latest_settings.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { LaneJob, Lanes } from "./lanes.ts";
import { Windows } from "./windows.ts";
import type { Slots } from "./slots.ts";

interface Lane {
  readonly name: unknown;
  /** The latest job that has not begun. */
  latest: LaneJob | undefined;
  /** When it may begin, a time of `performance.now()`. */
  due: number;
  /** When the first came of those that it stands for. */
  since: number;
  state: "waits" | "has asked for a slot" | "runs";
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * Runs of the jobs of one lane only the latest: a job that has not begun is superseded by the next one that comes. With
 * `debounce` a job begins when none has come for a while; with `throttle` at once, and the next one a while after that.
 * One job of a lane runs at a time.
 */
export class LatestLanes implements Lanes {
  readonly #slots: Slots;
  readonly #latest: Latest;
  readonly #lanes = new Map<unknown, Lane>();
  /** Until when lanes wait that have nothing to do. */
  readonly #windows = new Windows();
  /** Grows when all that waits is forgotten. */
  #round = 0;

  constructor(slots: Slots, latest: Latest) {
    this.#slots = slots;
    this.#latest = latest;
  }

  get waiting(): number {
    let count = 0;
    for (const { latest, state } of this.#lanes.values()) {
      if (latest !== undefined && state !== "has asked for a slot") count++;
    }
    return count;
  }

  push(name: unknown, job: LaneJob): void {
    const lane = this.#lanes.get(name) ?? this.#open(name);
    const now = performance.now();
    if (lane.latest === undefined) lane.since = now;
    else lane.latest.supersede();
    lane.latest = job;
    const latest = this.#latest;
    if (latest.kind === "debounce" && isShared(lane)) {
      lane.due = Math.min(now + latest.ms, lane.since + latest.most);
    }
    if (lane.state === "waits") this.#wait(lane);
  }

  clear(): number {
    const forgotten = this.waiting + this.#slots.clear();
    this.#round++;
    for (const lane of this.#lanes.values()) {
      clearTimeout(lane.timer);
      lane.latest = undefined;
      if (lane.state !== "runs") this.#close(lane);
    }
    return forgotten;
  }

  #open(name: unknown): Lane {
    const lane: Lane = { name, latest: undefined, due: this.#windows.take(name), since: 0, state: "waits" };
    this.#lanes.set(name, lane);
    return lane;
  }

  #close(lane: Lane): void {
    this.#lanes.delete(lane.name);
    if (this.#latest.kind === "throttle" && isShared(lane)) this.#windows.keep(lane.name, lane.due);
  }

  /** Asks for a slot when the lane's job is due. */
  #wait(lane: Lane): void {
    clearTimeout(lane.timer);
    lane.state = "waits";
    const ms = lane.due - performance.now();
    if (ms <= 0) this.#ask(lane);
    else lane.timer = setTimeout(() => this.#ask(lane), Math.ceil(ms));
  }

  #ask(lane: Lane): void {
    lane.state = "has asked for a slot";
    this.#slots.push((permit) => {
      const job = lane.latest!;
      // A later job came while this one waited for its slot.
      if (lane.due > performance.now()) return this.#wait(lane);
      lane.latest = undefined;
      lane.state = "runs";
      lane.due = performance.now() + this.#latest.ms;
      const round = this.#round;
      return andThen(
        job.run(permit),
        (wait) => this.#ended(lane, round === this.#round ? wait : undefined, job),
      );
    });
  }

  #ended(lane: Lane, wait: number | void, job: LaneJob): void {
    if (wait !== undefined) {
      if (lane.latest !== undefined) job.supersede();
      else {
        lane.latest = job;
        lane.since = performance.now();
        lane.due = lane.since + wait;
      }
    }
    lane.state = "waits";
    if (lane.latest === undefined) this.#close(lane);
    else this.#wait(lane);
  }
}

/** Whether others may follow in the lane. A message without a key has one of its own. */
function isShared({ name }: Lane): boolean {
  return typeof name === "string";
}
