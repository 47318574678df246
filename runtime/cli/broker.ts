import { Command } from "commander";
import { ArgumentError } from "../core/errors.ts";
import { dataFolder, startEmbedded } from "./embedded.ts";
import { portFlag } from "./flags.ts";
import { listenForStop } from "./signals.ts";

interface Flags {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly memory?: boolean;
  readonly user?: string;
  readonly password?: string;
}

/** `hopper broker` */
export function brokerCommand(): Command {
  return new Command("broker")
    .description("Run the embedded AMQP broker alone, until SIGINT or SIGTERM")
    .option("--port <port>", "port to listen on; 0 picks a free one", portFlag, 5672)
    .option(
      "--host <address>",
      "address to listen on, 127.0.0.1 and ::1 unless said; any but loopback needs --user and --password",
      "localhost",
    )
    .option("--data <dir>", "folder for durable queues and persistent messages", dataFolder)
    .option("--memory", "keep everything in memory")
    .option("--user <name>", "user name clients log in with (default: guest)")
    .option("--password <text>", "password clients log in with (default: guest)")
    .addHelpText("after", "\nExample:\n  hopper broker --port 5673 --memory")
    .action(run);
}

async function run({ port, host: hostname, data, memory, user, password }: Flags): Promise<void> {
  if ((user === undefined) !== (password === undefined)) {
    throw new ArgumentError("--user and --password go together; give both or neither");
  }
  const signals = listenForStop();
  try {
    await using broker = await startEmbedded({ hostname, port, data, memory, user, password }, "--port");
    const where = memory ? "in memory" : `in ${data}/`;
    console.log(`Listening on ${broker.url.replace(/:[^:@/]*@/, "@")}, ${where}; Ctrl-C ends it`);
    await signals.first;
    await Promise.race([broker.close(), signals.second]);
  } finally {
    signals.close();
  }
}
