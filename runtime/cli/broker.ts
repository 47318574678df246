import { Command, Option } from "commander";
import { type Like, likes } from "../broker/mod.ts";
import { ArgumentError } from "../core/api/errors.ts";
import { lineTime } from "../observe/line_time.ts";
import { formatText } from "../observe/log.ts";
import { brokerTrouble, dataFolder, startEmbedded } from "./embedded.ts";
import { portFlag, sizeFlag } from "./flags.ts";
import { openPrinting } from "./printing.ts";
import { listenForStop } from "./signals.ts";

const usual: Like = "3.10";
const passwordVariable = "HOPPER_BROKER_PASSWORD";

interface Flags {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly memory?: boolean;
  readonly like: Like;
  readonly memoryLimit?: number;
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
}

/** `hopper broker` */
export function brokerCommand(): Command {
  return new Command("broker")
    .description("Run the embedded AMQP broker alone, until SIGINT or SIGTERM")
    .option("--port <port>", "port to listen on; 0 picks a free one", portFlag, 5672)
    .option(
      "--host <address>",
      "address to listen on (default: 127.0.0.1 and ::1); any other than loopback needs --user and a password",
      "localhost",
    )
    .option("--data <dir>", "folder for durable queues and persistent messages", dataFolder)
    .option("--memory", "keep everything in memory")
    .addOption(
      new Option("--like <version>", "the version of RabbitMQ to behave like").choices(likes).default(usual),
    )
    .option(
      "--memory-limit <size>",
      "publishers wait when messages take more memory than this, such as 512MB (default: 40 % of all memory, at most 2GB)",
      sizeFlag,
    )
    .option("--user <name>", "user name that clients log in with (default: guest)")
    .option(
      "--password-file <file>",
      `file with the password that clients log in with (default: ${passwordVariable}, or guest)`,
    )
    .addOption(new Option("--password <text>").hideHelp())
    .addHelpText("after", "\nExample:\n  hopper broker --port 5673 --memory")
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { port, host: hostname, data, memory, memoryLimit, like } = flags;
  const login = await loginOf(flags);
  const limits = memoryLimit === undefined ? {} : { memory: memoryLimit };
  const signals = listenForStop();
  const { out, err, close } = openPrinting("text");
  const report = (error: unknown) => {
    const time = lineTime("time")(Date.now());
    err.write(formatText({ event: "notice", message: brokerTrouble(error) }, time)!);
  };
  try {
    await using broker = await startEmbedded(
      { hostname, port, data, memory, like, ...login, limits, report },
      "--port",
    );
    const where = (memory ? "in memory" : `in ${data}/`) + (like === usual ? "" : `, like RabbitMQ ${like}`);
    out.write(`Listening on ${broker.url.replace(/:[^:@/]*@/, "@")}, ${where}; Ctrl-C stops it`);
    await signals.first;
    await Promise.race([broker.close(), signals.second]);
  } finally {
    signals.close();
    await close();
  }
}

/** The login for clients. It cannot be an argument, because every user of the machine can see those. */
async function loginOf(
  { user, password, passwordFile }: Flags,
): Promise<{ user?: string; password?: string }> {
  if (password !== undefined) {
    throw new ArgumentError(
      `--password is not a flag, because every user of this machine can see the arguments of a process; ` +
        `write the password to a file and give --password-file FILE, or set ${passwordVariable}`,
    );
  }
  const given = passwordFile === undefined
    ? Deno.env.get(passwordVariable) || undefined
    : await readPassword(passwordFile);
  if ((user === undefined) !== (given === undefined)) {
    throw new ArgumentError(
      `--user and a password (--password-file FILE, or ${passwordVariable}) go together; give both or neither`,
    );
  }
  return { user, password: given };
}

async function readPassword(file: string): Promise<string> {
  const text = await Deno.readTextFile(file).catch((error) => {
    throw new ArgumentError(`Cannot read the password of --password-file '${file}': ${error.message}`);
  });
  const password = text.replace(/\r?\n$/, "");
  if (password === "" || /[\r\n]/.test(password)) {
    throw new ArgumentError(`The file '${file}' of --password-file has no password; expected one line`);
  }
  return password;
}
