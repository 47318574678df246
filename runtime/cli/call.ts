import { Command } from "commander";
import type { Duration } from "../core/api/duration.ts";
import { brokerFlag, type BrokerFlags, configFlag, connectAs } from "./connect.ts";
import { readInput } from "./input.ts";
import { printValue } from "./output.ts";
import { durationFlag } from "./flags.ts";

/** `hopper call NAME [INPUT]` */
export function callCommand(): Command {
  return new Command("call")
    .description("Call an RPC function and print its reply")
    .argument("<name>", "name of the rpc, which is also its queue")
    .argument("[input]", "JSON if it is valid, else text; - reads stdin, which is bytes if it is not UTF-8")
    .option("--timeout <duration>", "how long to wait for the reply", durationFlag, "30s")
    .option(...brokerFlag)
    .option(...configFlag)
    .addHelpText("after", "\nExample:\n  hopper call rpc_queue 30 --timeout 5s")
    .action(async (name: string, text: string | undefined, flags: BrokerFlags & { timeout: Duration }) => {
      const input = await readInput(text);
      await using client = await connectAs("call", flags);
      const { timeout } = flags;
      printValue(await client.call(name, input?.body, { timeout, contentType: input?.contentType }));
    });
}
