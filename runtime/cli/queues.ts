import { Command } from "commander";
import { printable } from "../core/text/printable.ts";
import type { PeekedMessage, PeekView, QueuesView, QueueView } from "../observe/api/views.ts";
import { adminFlag, adminOf, printJson, type RuntimeFlags } from "./admin/open.ts";
import { contentSections, originOf } from "./admin/message_text.ts";
import { wholeNumber } from "./flags.ts";
import { table } from "./output.ts";

type Flags = RuntimeFlags & { readonly json?: boolean };

/** `hopper queues [list|peek QUEUE]` */
export function queuesCommand(): Command {
  const queues = new Command("queues")
    .description("Show the queues of a running runtime's functions, and the messages that wait in them")
    .addHelpText("after", "\nExample:\n  hopper queues\n  hopper queues peek orders --max 3");
  queues.command("list", { isDefault: true })
    .description("List the queues with their retries and dead letters (the default)")
    .option("--json", "print the API's JSON")
    .option(...adminFlag)
    .action(list)
    .exitOverride();
  queues.command("peek <queue>")
    .description("Show the messages that wait in a queue, the oldest first; they stay there")
    .option("--max <n>", "at most this many", wholeNumber, 10)
    .option("--json", "print the API's JSON")
    .option(...adminFlag)
    .addHelpText("after", "\nExample:\n  hopper queues peek orders --max 3")
    .action(peek)
    .exitOverride();
  return queues;
}

async function list(flags: Flags): Promise<void> {
  using admin = await adminOf(flags);
  const view = await admin.get<QueuesView>("/api/queues");
  if (flags.json) return printJson(view);
  if (view.queues.length === 0) return console.log("No queues: the runtime serves no functions");
  console.log(table([
    ["QUEUE", "KIND", "READY", "UNACKED", "CONSUMERS", "TAKEN/S", "GROWTH/S", "FUNCTIONS"],
    ...view.queues.map(rowOf),
  ]));
}

function rowOf(queue: QueueView): string[] {
  const { name, kind, ready, unacked, consumers, taken, growth, functions } = queue;
  return [
    name,
    kind,
    shown(ready),
    shown(unacked),
    shown(consumers),
    rate(taken),
    growth === undefined ? "-" : `${growth > 0 ? "+" : ""}${rate(growth)}`,
    functions.join(" "),
  ];
}

async function peek(queue: string, flags: Flags & { readonly max: number }): Promise<void> {
  using admin = await adminOf(flags);
  const path = `/api/queues/${encodeURIComponent(queue)}/peek`;
  const view = await admin.get<PeekView>(path, { max: flags.max });
  if (flags.json) return printJson(view);
  if (view.messages.length === 0) return console.log(printable(`No message waits in '${queue}'`));
  console.log(view.messages.map((message) => messageText(message, queue)).join("\n\n"));
}

function messageText(message: PeekedMessage, queue: string): string {
  const facts = [["Message", message.messageId], ["Trigger", originOf({ ...message, queue })]];
  if (message.redelivered) facts.push(["Redelivered", "yes"]);
  return [table(facts), ...contentSections(message)].join("\n");
}

function shown(count: number | undefined): string {
  return count === undefined ? "-" : count.toLocaleString("en");
}

function rate(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}
