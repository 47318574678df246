import { pause } from "../../core/backoff.ts";
import { describeError } from "../../core/api/errors.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { Ending } from "../delivery/ending.ts";

// Until the broker is asked again about a suspect, where it failed to answer.
const unmarkedMs = 5_000;

/** Gives a suspect back after a while. */
export type GiveBackLater = (error: unknown) => Promise<Ending>;

/**
 * For when the broker would not say, or would not keep, which suspect is run: nobody could count the crashes of the
 * message.
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
