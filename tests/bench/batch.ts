/**
 * `deno task bench batch`: messages per second of a function that inserts into node:sqlite, one message at a time and in
 * batches of 100, in turn and each in its own runtime on a separate RabbitMQ. The ratios are the result.
 */
import { Buffer } from "node:buffer";
import { connectBroker } from "../support/amqp.ts";
import { type RabbitNode, startRabbitmq } from "../support/rabbitmq.ts";
import { median } from "./figures.ts";
import { figures, startProgram } from "./host/program.ts";

const rounds = Number(Deno.args[0] ?? 5);
const goal = 3;

/** How a commit reaches the disk: SQLite's default waits for the disk each time; with WAL and NORMAL it does not. */
const journals = {
  "each commit on the disk": "",
  "WAL, synchronous NORMAL": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
} as const;
const contenders = ["single", "batch"] as const;
type Contender = typeof contenders[number];

const counts = { warmup: 2_000, count: 20_000 };
/** Fewer, where each message waits for the disk. */
const countsOnDisk = { warmup: 500, count: 5_000 };

function source(queue: string, folder: string, contender: Contender, pragmas: string): string {
  const options = contender === "batch" ? "prefetch: 200, batch: { size: 100, wait: 20 }," : "prefetch: 200,";
  const handler = contender === "batch"
    ? `(orders, { state: { db, insert } }) => {
  db.exec("BEGIN");
  for (const { id, text } of orders) insert.run(id, text);
  db.exec("COMMIT");
}`
    : "({ id, text }, { state: { insert } }) => void insert.run(id, text)";
  return `import { queue } from "hopper";
import { DatabaseSync } from "node:sqlite";
const open = () => {
  const db = new DatabaseSync("${folder}/orders.sqlite");
  db.exec("${pragmas} CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, text TEXT)");
  const insert = db.prepare("INSERT OR REPLACE INTO orders (id, text) VALUES (?, ?)");
  return { db, insert, [Symbol.dispose]: () => db.close() };
};
const permissions = { read: ["${folder}"], write: ["${folder}"] };
export default queue("${queue}", { ${options} permissions, setup: open }, ${handler});
`;
}

async function rate(
  node: RabbitNode,
  isolate: "process" | "inline",
  contender: Contender,
  pragmas: string,
): Promise<number> {
  const { warmup, count } = pragmas === "" ? countsOnDisk : counts;
  const queue = `bench-${crypto.randomUUID()}`;
  const functions = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  const folder = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  try {
    await using broker = await connectBroker(node.url);
    await broker.channel.assertQueue(queue);
    for (let id = 0; id < warmup + count; id++) {
      const body = Buffer.from(JSON.stringify({ id, text: "x".repeat(100) }));
      broker.channel.sendToQueue(queue, body, { contentType: "application/json" });
    }
    await broker.channel.waitForConfirms();
    await Deno.writeTextFile(`${functions}/insert.ts`, source(queue, folder, contender, pragmas));
    const permissions = { read: [folder], write: [folder] };
    await using runtime = startProgram("runtime", {
      functions,
      broker: node.url,
      isolate,
      warmup,
      count,
      permissions,
    });
    const { handled } = await figures(runtime, "handled");
    runtime.signal("SIGTERM");
    await runtime.exit();
    await broker.channel.deleteQueue(queue);
    return count / handled! * 1000;
  } finally {
    for (const path of [functions, folder]) await Deno.remove(path, { recursive: true });
  }
}

if (import.meta.main) {
  await using node = await startRabbitmq();
  console.log(
    `| case | single/s | batch/s | ratio (median of ${rounds}) | goal |\n| --- | --- | --- | --- | --- |`,
  );
  for (const isolate of ["process", "inline"] as const) {
    for (const [journal, pragmas] of Object.entries(journals)) {
      const rates: Record<Contender, number[]> = { single: [], batch: [] };
      for (let round = 0; round < rounds; round++) {
        // The order changes each round, because it matters who is first.
        const order = round % 2 === 0 ? contenders : contenders.toReversed();
        for (const contender of order) {
          rates[contender].push(await rate(node, isolate, contender, pragmas));
        }
      }
      const ratios = rates.batch.map((value, round) => value / rates.single[round]!);
      const shown = contenders.map((contender) => Math.round(median(rates[contender])).toLocaleString("en"));
      console.log(
        `| ${isolate}, ${journal} | ${shown.join(" | ")} | ${median(ratios).toFixed(2)} | ${goal} |`,
      );
    }
  }
}
