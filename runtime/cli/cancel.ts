import { Command } from "commander";
import { brokerFlag, type BrokerFlags, configFlag, connectAs } from "./connect.ts";

/** `hopper cancel ID` */
export function cancelCommand(): Command {
  return new Command("cancel")
    .description("Cancel a delayed message that was sent with --cancellable")
    .argument("<id>", "the id that hopper send printed, or that send returned for { cancel: true }")
    .option(...brokerFlag)
    .option(...configFlag)
    .action(async (id: string, flags: BrokerFlags) => {
      await using client = await connectAs("cancel", flags);
      const inTime = await client.cancel(id);
      console.log(inTime ? "Cancelled: it will not arrive" : "It was due already, and may have arrived");
    });
}
