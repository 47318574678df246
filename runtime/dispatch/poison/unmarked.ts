import { pause } from "../../core/backoff.ts";
import { describeError } from "../../core/api/errors.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { Ending } from "../delivery/ending.ts";

// How long to wait before the broker is asked about a suspect again, after it did not answer.
const unmarkedMs = 5_000;

/** Gives a suspect back after a while. */
export type GiveBackLater = (error: unknown) => Promise<Ending>;

/**
 * Gives a suspect back if the broker cannot tell or store which suspect is running. Without that, crashes of the message
 * could not be counted.
 */
export function giveBackUnmarked(name: string, emit: Emit, stop: AbortSignal): GiveBackLater {
  return async (error) => {
    emit({
      event: "notice",
      message: `${name}: a message that may have ended a process waits to be run alone: ${
        describeError(error)
      }`,
    });
    await pause(unmarkedMs, stop);
    return { kind: "requeue" };
  };
}
