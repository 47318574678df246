import type { Trigger } from "../../core/api/trigger.ts";
import type { Layer, Resolved } from "../../core/settings/settings.ts";
import { shardingOption } from "../../core/settings/shard_settings.ts";
import { streamArguments } from "../../core/settings/stream_settings.ts";
import type { TriggerFault } from "./trigger.ts";

const onlyForStreams = {
  from: "where in a stream to begin",
  filter: "which messages of a stream are wanted",
};

/** What is wrong with a function that reads a stream, or has options for one and reads something else. */
export function checkStream(trigger: Trigger, said: Layer, settings: Resolved): TriggerFault[] {
  const fault = (message: string, fix: string): TriggerFault => ({ message, fix });
  if (settings.queueType !== "stream") {
    return (["from", "filter"] as const).filter((name) => said[name] !== undefined).map((name) =>
      fault(
        `Option '${name}' says ${onlyForStreams[name]}, and the queue is ${settings.queueType}`,
        `remove '${name}', or write: queueType: "stream"`,
      )
    );
  }
  const stream = `Option 'queueType: "stream"'`;
  if (trigger.kind !== "queue") {
    return [
      fault(
        `${stream} is for queue(…): ${trigger.kind}(…) needs a queue whose messages go when they are handled`,
        'bind a stream to the exchange yourself and read it with: queue("name", { queueType: "stream" }, handler)',
      ),
    ];
  }
  return [
    ...settings.durable ? [] : [fault(`${stream} is always durable`, "remove 'durable: false'")],
    ...settings.exclusive
      ? [fault(`${stream} cannot be exclusive`, "remove 'exclusive': one replica reads it anyway")]
      : [],
    ...settings.ack === "auto" ? [] : [
      fault(
        `${stream} needs ack: "auto": a stream only takes acknowledgements, and what is settled is known by the runs' outcomes`,
        "remove 'ack'",
      ),
    ],
    ...settings.declare === "passive"
      ? [
        fault(
          `${stream} does not go with 'declare: "passive"': Hopper keeps its place in the stream in queues of its own`,
          "remove 'declare'; a stream that exists is used as it is if its arguments are the same",
        ),
      ]
      : [],
    ...settings.sharding === undefined ? [] : [
      fault(
        `${stream} is read in order by one replica, and its messages are not spread by key`,
        `remove '${shardingOption(settings.sharding)}'`,
      ),
    ],
    ...settings.maxPriority === undefined
      ? []
      : [fault(`${stream} has no 'maxPriority': a stream is read in order`, "remove 'maxPriority'")],
    ...Object.keys(settings.arguments).filter((name) =>
      name !== "x-queue-type" && !streamArguments.includes(name)
    ).map((name) => fault(`A stream has no argument '${name}'`, `allowed: ${streamArguments.join(", ")}`)),
  ];
}
