import { consumes, goalSeconds, refusedSeconds } from "../support/heals.ts";
import { spawnHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { onOwnBroker } from "../support/promises.ts";

onOwnBroker(
  "P8",
  "Consumers attach to a broker that was down when the runtime started",
  async (broker, report) => {
    const { url } = broker;
    await broker.kill();
    await using ledger = await startLedger();
    await using hopper = await spawnHopper({ functions: { work: ledger.worker("work") }, broker: url });
    await hopper.events("connecting", 4);

    await broker.restart();

    await consumes("broker down at start", { ledger, url, queue: "work" }, report);
  },
);

onOwnBroker("P8", "Consumers attach when the broker accepts their password", async (broker, report) => {
  await broker.admit({ user: "app", password: "another password" });
  const url = `amqp://app:secret@127.0.0.1:${broker.port}`;
  await using ledger = await startLedger();
  await using hopper = await spawnHopper({ functions: { work: ledger.worker("work") }, broker: url });
  await hopper.event("connecting", ({ error }) => String(error).includes("403"));

  await broker.admit({ user: "app", password: "secret" });

  const goal = refusedSeconds + goalSeconds;
  await consumes("wrong password at first", { ledger, url, queue: "work" }, report, goal);
});
