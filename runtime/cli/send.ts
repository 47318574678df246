import { Command } from "commander";
import { brokerFlag, type BrokerFlags, configFlag, connectAs } from "./connect.ts";
import { collectHeader, readInput } from "./input.ts";

/** `hopper send QUEUE INPUT` */
export function sendCommand(): Command {
  return new Command("send")
    .description("Send one message to a queue, and wait until the broker confirms it")
    .argument("<queue>", "name of the queue")
    .argument("<input>", "JSON if it is valid, else text; - reads stdin, which is bytes if it is not UTF-8")
    .option("--header <name=value>", "a header; can be repeated", collectHeader)
    .option(...brokerFlag)
    .option(...configFlag)
    .addHelpText("after", "\nExample:\n  hopper send task_queue 'Three dots ...'")
    .action(
      async (queue: string, text: string, flags: BrokerFlags & { header?: Record<string, unknown> }) => {
        const { body, contentType } = (await readInput(text))!;
        await using client = await connectAs("send", flags);
        await client.send(queue, body, { contentType, headers: flags.header });
        console.log(`Sent to queue '${queue}'`);
      },
    );
}
