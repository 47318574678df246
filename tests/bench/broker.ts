/**
 * The embedded broker beside RabbitMQ: `deno run -A tests/bench/broker.ts [ROUNDS]`
 *
 * Publish, deliver and acknowledge with amqplib in a third process, prefetch 100. The brokers take turns within a
 * round, as rates on one machine differ from minute to minute: only the ratio means something.
 */
import { rabbitmqInstalled, startRabbitmq } from "../support/rabbitmq_node.ts";
import type { Measured, Scenario } from "./broker_client.ts";

const SCENARIOS: Record<string, Scenario> = {
  "256 B transient": { size: 256, confirmed: false, messages: 40_000 },
  "16 KiB transient": { size: 16_384, confirmed: false, messages: 10_000 },
  "256 B persistent, confirmed": { size: 256, confirmed: true, messages: 20_000 },
  "16 KiB persistent, confirmed": { size: 16_384, confirmed: true, messages: 5_000 },
};

if (import.meta.main) await compare(Number(Deno.args[0] ?? 3));

async function compare(rounds: number): Promise<void> {
  await using embedded = await startEmbedded();
  await using rabbitmq = rabbitmqInstalled() ? await startRabbitmq() : undefined;
  if (!rabbitmq) console.log("RabbitMQ is not installed: the embedded broker is measured alone");
  console.log(
    "".padEnd(30),
    "embedded/s".padStart(11),
    "RabbitMQ/s".padStart(11),
    "ratio",
    " confirm p50 ms",
  );
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    const ours: Measured[] = [], theirs: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await run(embedded.url, scenario));
      if (rabbitmq) theirs.push(await run(rabbitmq.url, scenario));
    }
    const [a, b] = [middle(ours), middle(theirs)];
    const latencies = scenario.confirmed ? `${a.latency!.toFixed(2)} / ${b.latency?.toFixed(2) ?? "-"}` : "";
    console.log(
      name.padEnd(30),
      a.rate.toFixed(0).padStart(11),
      (b.rate?.toFixed(0) ?? "-").padStart(11),
      (b.rate ? (a.rate / b.rate).toFixed(2) : "-").padStart(5),
      ` ${latencies}`,
    );
  }
}

/** The medians of the rounds. */
function middle(rounds: readonly Measured[]): Partial<Measured> & { rate: number } {
  const median = (values: number[]) => values.sort((x, y) => x - y)[values.length >> 1]!;
  return {
    rate: median(rounds.map(({ rate }) => rate)),
    latency: median(rounds.map(({ latency }) => latency ?? 0)),
  };
}

async function run(url: string, scenario: Scenario): Promise<Measured> {
  const client = new URL("./broker_client.ts", import.meta.url).href;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", client, url, JSON.stringify(scenario)],
    stdout: "piped",
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  if (!success) throw new Error(`The client failed at ${url}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function startEmbedded(): Promise<{ url: string } & AsyncDisposable> {
  const data = await Deno.makeTempDir();
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("./broker_server.ts", import.meta.url).href, data],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = server.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return {
    url: new TextDecoder().decode(value).trim(),
    async [Symbol.asyncDispose]() {
      await server.stdin.close();
      await server.stdout.cancel();
      await server.status;
      await Deno.remove(data, { recursive: true });
    },
  };
}
