import type { Declared } from "../../core/declared.ts";
import type { Host, Job } from "../../core/ports/host.ts";
import { Reject } from "../../core/api/errors.ts";
import type { Availability } from "../availability.ts";
import type { Ending } from "../delivery/ending.ts";
import type { Run } from "../delivery/run.ts";
import { compose, type Handle } from "../stages/stage.ts";
import { stillWanted } from "../stages/wanted.ts";
import { readKey } from "./read_key.ts";
import { Turns } from "./turns.ts";

/** What is needed to send a function's messages on to its shards. */
export interface RouteParts {
  readonly declared: Declared;
  readonly host: Pick<Host, "run">;
  readonly availability: Availability;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
}

type Read = { readonly key: string | undefined } | Ending;

// A process may end while it is asked for a key, over another message.
const maxAsked = 5;

/**
 * Finds out the key of each message, and has it moved to its shard. Messages of one key are moved one after the other, in
 * the order in which they came; those of others at the same time.
 */
export function routeByKey({ declared, host, availability, stop }: RouteParts): Handle {
  const { settings: { sharding, codec } } = declared;
  const turns = new Turns();
  let reading: Promise<unknown> = Promise.resolve();

  const read = async (run: Run): Promise<Read> => {
    try {
      const { by } = sharding!;
      if (by.kind === "function") return await ask(run);
      return { key: await readKey(by, run, codec) };
    } catch (error) {
      return { kind: "rejected", error };
    }
  };
  const ask = async (run: Run): Promise<Read> => {
    for (let asked = 1;; asked++) {
      const outcome = await host.run(keyJob(run));
      if (outcome.kind === "returned") {
        return { key: outcome.output && new TextDecoder().decode(outcome.output.body) };
      }
      if (outcome.kind === "unavailable") {
        availability.lost(outcome.error);
        return { kind: "requeue" };
      }
      if (outcome.kind === "failed" || outcome.kind === "retry") {
        return { kind: "rejected", error: outcome.error };
      }
      if (outcome.kind !== "interrupted" && outcome.kind !== "suspect") return outcome;
      if (asked === maxAsked) {
        return {
          kind: "rejected",
          error: new Reject("The process ended each time it was asked for the key"),
        };
      }
    }
  };
  /** Reads keys at the same time, and returns them in the order in which the messages came. */
  const inTurn = (run: Run): Promise<Read> => {
    const mine = Promise.all([read(run), reading]).then(([read]) => read);
    reading = mine;
    return mine;
  };

  return compose([stillWanted(false, stop)], async (run): Promise<Ending> => {
    const read = await inTurn(run);
    if ("kind" in read) return read;
    const { key } = read;
    if (key !== undefined && sharding!.inOrder) {
      const { before, done } = turns.take(key);
      run.onEnded(done);
      await before;
    }
    return { kind: "routed", key };
  });
}

function keyJob(run: Run): Job {
  const { message, headers, attempt, caller, span } = run;
  return {
    message,
    headers,
    attempt,
    caller,
    span,
    callerUntil: Infinity,
    asksKey: true,
    log: (level, text, data) => run.log(level, text, data),
    settle: () => {},
  };
}
