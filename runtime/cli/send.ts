import { Command } from "commander";
import { brokerFlag, type BrokerFlags, configFlag, connectAs } from "./connect.ts";
import { UsageError } from "./exit.ts";
import { type DelayFlags, delayOf, shownDelay, withDelay } from "./delay_flags.ts";
import { collectHeader, readInput } from "./input.ts";

interface SendFlags extends BrokerFlags, DelayFlags {
  readonly header?: Record<string, unknown>;
  readonly cancellable?: true;
}

/** `hopper send QUEUE INPUT` */
export function sendCommand(): Command {
  const command = new Command("send")
    .description("Send one message to a queue, and wait until the broker confirms it")
    .argument("<queue>", "name of the queue")
    .argument("<input>", "JSON if it is valid, else text; - reads stdin, which is bytes if it is not UTF-8")
    .option("--header <name=value>", "a header; can be repeated", collectHeader);
  return withDelay(command)
    .option("--cancellable", "prints an id for hopper cancel; with --delay or --at")
    .option(...brokerFlag)
    .option(...configFlag)
    .addHelpText(
      "after",
      "\nExample:\n  hopper send task_queue 'Three dots ...'\n  hopper send task_queue 'Later ...' --delay 10m",
    )
    .action(async (queue: string, text: string, flags: SendFlags) => {
      if (flags.cancellable && flags.delay === undefined && flags.at === undefined) {
        throw new UsageError(
          "--cancellable goes with --delay or --at: only a message that waits can be cancelled",
        );
      }
      const { body, contentType } = (await readInput(text))!;
      await using client = await connectAs("send", flags);
      const cancel = flags.cancellable ?? false;
      const options = { contentType, headers: flags.header, ...delayOf(flags), cancel };
      const when = shownDelay(flags);
      const id: unknown = await client.send(queue, body, options);
      console.log(`Sent to queue '${queue}'${when}`);
      if (id !== undefined) console.log(`To cancel it: hopper cancel ${id}`);
    });
}
