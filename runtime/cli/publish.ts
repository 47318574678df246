import { Command } from "commander";
import { brokerFlag, type BrokerFlags, configFlag, connectAs } from "./connect.ts";
import { type DelayFlags, delayOf, shownDelay, withDelay } from "./delay_flags.ts";
import { collectHeader, readInput } from "./input.ts";

interface PublishFlags extends BrokerFlags, DelayFlags {
  readonly header?: Record<string, unknown>;
}

/** `hopper publish EXCHANGE KEY INPUT` */
export function publishCommand(): Command {
  const command = new Command("publish")
    .description(
      "Publish one message to an exchange, and wait until the broker confirms it; fails if no queue takes it",
    )
    .argument("<exchange>", "name of the exchange")
    .argument("<key>", "routing key; '' for none")
    .argument("<input>", "JSON if it is valid, else text; - reads stdin, which is bytes if it is not UTF-8")
    .option("--header <name=value>", "a header; can be repeated", collectHeader);
  return withDelay(command)
    .option(...brokerFlag)
    .option(...configFlag)
    .addHelpText("after", "\nExample:\n  hopper publish topic_logs kern.critical 'A critical kernel error'")
    .action(async (exchange: string, key: string, text: string, flags: PublishFlags) => {
      const { body, contentType } = (await readInput(text))!;
      await using client = await connectAs("publish", flags);
      const when = shownDelay(flags);
      await client.publish(exchange, key, body, { contentType, headers: flags.header, ...delayOf(flags) });
      console.log(`Published to exchange '${exchange}' with key '${key}'${when}`);
    });
}
