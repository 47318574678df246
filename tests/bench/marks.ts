/** Waits for what a program marks in its file. */

import type { Mark } from "./programs/job.ts";
import type { Running } from "./running.ts";

/** How often the file is looked at. Rates come from the times in the marks, so that this does not blur them. */
const LOOK_EVERY_MS = 10;

/** The marks of a file so far; a line that is not finished yet is left out. */
export function parseMarks(text: string): Mark[] {
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/**
 * Waits for a mark.
 *
 * @throws Error with what the programs printed if one of them ends before, or if it takes longer than `patience` (ms)
 */
export async function waitForMark(
  path: string,
  name: Mark["mark"],
  running: readonly Running[],
  patience: number,
): Promise<Mark> {
  const deadline = performance.now() + patience;
  while (true) {
    const text = await Deno.readTextFile(path).catch(() => "");
    const mark = parseMarks(text).find(({ mark }) => mark === name);
    if (mark) return mark;
    const ended = running.find(({ ended }) => ended !== undefined);
    if (ended) {
      throw new Error(`ended with code ${ended.ended!.code} before it was measured:\n${ended.said()}`);
    }
    if (performance.now() > deadline) {
      const said = running.map((one) => one.said()).join("\n");
      throw new Error(`'${name}' did not come within ${patience / 1000} s:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
