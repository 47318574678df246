/** An embedded broker with commands on stdin: `exhaust` and `free` its descriptors, or print its `trouble`. */
import { startBroker } from "../../runtime/broker/mod.ts";

await using broker = await startBroker({ port: 0, memory: true, report: () => {} });
console.log(broker.url);
const held: Deno.FsFile[] = [];
for await (const line of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  if (line === "free") { for (const file of held.splice(0)) file.close(); }
  if (line === "exhaust") exhaust();
  console.log(broker.trouble ?? "none");
}

function exhaust(): void {
  try {
    for (;;) held.push(Deno.openSync("/dev/null"));
  } catch {
    return;
  }
}
