/**
 * What the measured programs have in common. Each gets a job as JSON in its first argument, and marks in a file when the
 * warm-up is over and when the measurement is. They run on Deno and, without their types, on Node.
 */

import process from "node:process";
import { counted as countedFor, type Job, type Mark, mark as writeMark } from "./job.ts";

export const job: Job = JSON.parse(process.argv[2] ?? "null");

/** Does what the job says. */
export async function perform(verbs: Partial<Record<Job["verb"], () => unknown>>): Promise<void> {
  const verb = verbs[job.verb];
  if (verb === undefined) throw new Error(`This program cannot ${job.verb}`);
  await verb();
}

export function mark(name: Mark["mark"], count: number, figures?: { p50: number; p99: number }): void {
  writeMark(job.marks, name, count, figures);
}

/** The handler of this program's consumer. */
export const counted = (): () => void | Promise<void> => countedFor(job);

/** What a server of calls answers: what it was asked. */
export const echo = (input: unknown): unknown => input;

/** How often each task has its turn before anything is measured, however long it takes up to a limit. */
const WARM_TURNS = 30;
const MOST_WARM_TIMES = 5;

/** Counts what is done, and says when it is time to end. It begins with the first, because a start is measured elsewhere. */
function clock() {
  let start: number | undefined;
  let done = 0;
  let isWarm = false;
  const hasWarmedUp = (ms: number) =>
    ms >= job.warmMs && done >= WARM_TURNS * job.outstanding || ms >= MOST_WARM_TIMES * job.warmMs;
  return {
    /** Counts one more. */
    tick(figures?: () => { p50: number; p99: number }): "warm" | "measured" | "over" {
      done++;
      const now = performance.now();
      start ??= now;
      if (!isWarm) {
        if (!hasWarmedUp(now - start)) return "warm";
        isWarm = true;
        start = now;
        mark("warm", done);
        return "warm";
      }
      if (now - start < job.ms) return "measured";
      mark("done", done, figures?.());
      return "over";
    },
  };
}

/** Keeps `outstanding` messages under way from one loop; `send` calls back when the broker has confirmed one. */
export function keepOutstanding(send: (confirmed: () => void) => void): void {
  const time = clock();
  let isOver = false;
  const confirmed = () => {
    if (isOver) return;
    isOver = time.tick() === "over";
    if (!isOver) send(confirmed);
  };
  for (let i = 0; i < job.outstanding; i++) send(confirmed);
}

/** Publishes from `outstanding` tasks, each of which awaits its message before it sends the next. */
export async function fromTasks(send: () => Promise<unknown>): Promise<void> {
  const time = clock();
  let isOver = false;
  const task = async () => {
    while (!isOver) {
      await send();
      if (!isOver) isOver = time.tick() === "over";
    }
  };
  await Promise.all(Array.from({ length: job.outstanding }, task));
}

/** Calls from `outstanding` tasks, and measures how long each call takes. */
export async function callFromTasks(call: () => Promise<unknown>): Promise<void> {
  const time = clock();
  const took: number[] = [];
  const percentile = (percent: number) => took[Math.floor((took.length - 1) * percent / 100)]!;
  const figures = () => {
    took.sort((a, b) => a - b);
    return { p50: percentile(50), p99: percentile(99) };
  };
  let isOver = false;
  const task = async () => {
    while (!isOver) {
      const from = performance.now();
      await call();
      if (isOver) return;
      const ms = performance.now() - from;
      const state = time.tick(figures);
      if (state === "measured") took.push(ms);
      isOver = state === "over";
    }
  };
  await Promise.all(Array.from({ length: job.outstanding }, task));
}

/** A body of `size` bytes. */
export const bytes = (): Uint8Array => new Uint8Array(job.size).fill(0x78);
/** A text that takes `size` bytes as JSON. */
export const text = (): string => "x".repeat(job.size - 2);
