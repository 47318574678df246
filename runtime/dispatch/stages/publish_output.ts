import type { Encoded } from "../../core/body/codec.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import type { Ending } from "../delivery/ending.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Run } from "../delivery/run.ts";
import type { Stage } from "./stage.ts";

/** Publishes what a handler returned, as the setting `publish` says. If that is not possible, the run has failed. */
export function publishOutput({ publish: to, durable }: Resolved): Stage | undefined {
  if (to === undefined) return undefined;
  const publish = async (
    { caller }: Run,
    { body, contentType }: Encoded,
    ending: Ending,
  ): Promise<Ending> => {
    const options = { contentType, persistent: durable };
    try {
      if ("queue" in to) await caller.send(to.queue, body, options);
      else await caller.publish(to.exchange, to.routingKey, body, options);
      return ending;
    } catch (error) {
      return { kind: "failed", error };
    }
  };
  return (next) => (run) =>
    andThen(next(run), (ending) => {
      if (ending.kind !== "returned" || ending.output === undefined) return ending;
      return publish(run, ending.output, ending);
    });
}
