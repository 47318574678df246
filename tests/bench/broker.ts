/**
 * `deno task bench broker`: compares the embedded broker with RabbitMQ.
 *
 * A separate process without a client library publishes and consumes messages through a queue. The brokers take turns
 * within a round, because rates on one machine change from minute to minute: only the ratio is meaningful. RabbitMQ runs
 * with one scheduler.
 */
import { rabbitmqInstalled, startRabbitmq } from "../support/rabbitmq_node.ts";
import { median } from "./figures.ts";
import type { Measured, Scenario } from "./broker_client.ts";

/** The scenarios, each with the ratio that is its goal. */
const SCENARIOS: Record<string, Scenario & { readonly goal: number }> = {
  "256 B transient": { size: 256, confirmed: false, seconds: 3, goal: 3 },
  "256 B persistent, confirmed": { size: 256, confirmed: true, seconds: 3, goal: 3.5 },
  "16 KiB transient": { size: 16_384, confirmed: false, seconds: 3, goal: 2 },
  "16 KiB persistent, confirmed": { size: 16_384, confirmed: true, seconds: 3, goal: 1.5 },
};

if (import.meta.main) await compare(Number(Deno.args[0] ?? 3));

async function compare(rounds: number): Promise<void> {
  await using embedded = await startEmbedded();
  await using rabbitmq = rabbitmqInstalled() ? await startRabbitmq() : undefined;
  if (!rabbitmq) console.log("RabbitMQ is not installed: the embedded broker is measured alone");
  console.log("| messages | embedded/s | RabbitMQ/s | ratio | goal | confirm p50 ms |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const [name, { goal, ...scenario }] of Object.entries(SCENARIOS)) {
    const ours: Measured[] = [], theirs: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await run(embedded.url, scenario));
      if (rabbitmq) theirs.push(await run(rabbitmq.url, scenario));
    }
    const ratio = median(ours.map(({ rate }, round) => rate / (theirs[round]?.rate ?? NaN)));
    const latencies = [ours, theirs].map((all) => shown(median(all.map(({ latency }) => latency ?? NaN)), 2));
    const columns = [
      name,
      ...[ours, theirs].map((all) => shown(median(all.map(({ rate }) => rate)))),
      shown(ratio, 2),
      goal,
      scenario.confirmed ? latencies.join(" / ") : "",
    ];
    console.log(`| ${columns.join(" | ")} |`);
  }
}

function shown(value: number, digits = 0): string {
  if (Number.isNaN(value)) return "-";
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
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
