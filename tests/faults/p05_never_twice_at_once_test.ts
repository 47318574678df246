import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { cutLink } from "../support/cut_link.ts";
import { full, report } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { countBy, type Entry, startLedger } from "../support/ledger.ts";
import { ids, sendAll } from "../support/load.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";

const rabbitmq = await rabbitmqForTests();

const cuts = full ? 100 : 15;

Deno.test(
  "A link that is cut under load has no message run twice at once",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
    await using broker = await connectBroker(vhost.url);
    await using ledger = await startLedger();
    await using hopper = await startHopper({
      // Longer than it takes to attach again, so that the broker delivers again what still runs.
      functions: {
        work: ledger.worker("work", {
          options: "{ prefetch: 50 }",
          work: "await new Promise((resolve) => setTimeout(resolve, 2000));",
        }),
      },
      broker: proxy.via(vhost.url),
    });
    const sent = ids("message", cuts * 60);
    await sendAll(broker, "work", sent);

    for (let cut = 0, handled = 0; cut < cuts; cut++) {
      handled += 30;
      await ledger.until(`${handled} ended`, (entries) => (countBy(entries).ended ?? 0) >= handled);
      await cutLink(proxy, hopper);
    }
    const all = (entries: readonly Entry[]) => {
      const ended = entries.filter(({ what }) => what === "ended");
      return new Set(ended.map(({ id }) => id)).size === sent.length;
    };
    const entries = await ledger.until("all ended", all, { timeout: 300_000 });

    const started = entries.filter(({ what }) => what === "started").length;
    const overlaps = countOverlaps(entries);
    report({
      promise: "P5",
      what: "link cut under load",
      goal: "0 run twice at once",
      found: {
        cuts,
        messages: sent.length,
        "twice at once": overlaps,
        "run again later": started - sent.length,
        lost: 0,
      },
    });
    assert.equal(overlaps, 0);
  },
);

/** How often a message was started while it ran. */
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
