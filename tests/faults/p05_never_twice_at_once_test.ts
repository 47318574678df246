import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { cutLink } from "../support/cut_link.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { type Entry, startLedger } from "../support/ledger.ts";
import { ids, sendAll } from "../support/load.ts";
import { onSharedBroker } from "../support/promises.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";

const cuts = full ? 100 : 6;

onSharedBroker(
  "P5",
  "After cuts of the connection under load no message runs twice at the same time",
  async (on, report) => {
    await using proxy = startTcpProxy(on.port);
    await using broker = await connectBroker(on.url);
    await using ledger = await startLedger();
    await using hopper = await startHopper({
      // Longer than it takes to attach again, so that the broker redelivers messages that still run.
      functions: {
        work: ledger.worker("work", {
          options: { prefetch: 50 },
          does: "await new Promise((resolve) => setTimeout(resolve, 2000));",
        }),
      },
      broker: proxy.via(on.url),
    });
    const sent = ids("message", cuts * 60);
    await sendAll(broker, "work", sent);

    for (let cut = 0; cut < cuts; cut++) {
      await ledger.said("ended", (cut + 1) * 30);
      await cutLink(proxy, hopper);
    }
    const lost = await ledger.missing("ended", sent);

    const overlaps = countOverlaps(await ledger.entries());
    report({
      what: "link cut under load",
      goal: "0 run twice at once",
      tried: { cuts, messages: sent.length },
      confirmed: sent.length,
      lost: lost.length,
      duplicated: await ledger.count("started") - sent.length,
      further: { "twice at once": overlaps },
    });
    assert.deepEqual(lost, []);
    assert.equal(overlaps, 0);
  },
);

/** How often a message was started while it was running. */
function countOverlaps(entries: readonly Entry[]): number {
  const running = new Map<string, number>();
  let overlaps = 0;
  for (const { what, id } of entries) {
    const now = running.get(id) ?? 0;
    if (what === "started" && now > 0) overlaps++;
    running.set(id, what === "started" ? now + 1 : now - 1);
  }
  return overlaps;
}
