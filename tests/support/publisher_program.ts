/**
 * Publishes with confirms through the client, in its own process, and notes each message in the ledger as `confirmed`
 * or `refused`. Prints "done" at the end, which SIGTERM causes early.
 *
 * Argument: `{ url, queue, ledger, count, window, everyMs, bytes }` as JSON; `window` messages are under way at once,
 * and after each its place is free for `everyMs`.
 */

import { connect } from "../../runtime/client/mod.ts";

const { url, queue, ledger, count, window, everyMs, bytes } = JSON.parse(Deno.args[0]!);
const tellMs = 25;
const padding = "x".repeat(bytes);
const told: Record<string, string[]> = { confirmed: [], refused: [] };
let next = 0;
let last = count;
Deno.addSignalListener("SIGTERM", () => last = next);

async function tell(what: string): Promise<void> {
  const ids = told[what]!.splice(0);
  if (ids.length === 0) return;
  const response = await fetch(`${ledger}/${what}`, { method: "POST", body: ids.join("\n") });
  if (!response.ok) throw new Error("The ledger refused entries");
}

async function publish(): Promise<void> {
  while (next < last) {
    const messageId = `message.${next++}`;
    try {
      await hopper.send(queue, padding, { messageId });
      told.confirmed!.push(`${messageId}\t${Date.now()}`);
    } catch {
      told.refused!.push(`${messageId}\t${Date.now()}`);
    }
    if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

const hopper = await connect(url, { timeout: "60s" });
const telling = setInterval(() => Object.keys(told).forEach(tell), tellMs);
await Promise.all(Array.from({ length: window }, publish));
clearInterval(telling);
for (const what of Object.keys(told)) await tell(what);
console.log(`done ${next}`);
await hopper.close();
Deno.exit();
