import assert from "node:assert/strict";
import { withFolder } from "../support/folder.ts";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const report = `import { schedule } from "hopper";
export default schedule("0 3 * * *", { timezone: "Europe/Berlin" }, (tick, { log }) =>
  log.info("manual: " + tick.manual + ", previous: " + tick.previous));`;
const orders = `import { queue } from "hopper"; export default queue("orders", () => {});`;

testOnBroker("hopper fire runs a schedule of a running runtime now", async ({ vhost }) => {
  await using hopper = await startHopper({ functions: { "reports/nightly": report }, broker: vhost.url });
  const { code, stdout } = await hopperCommand(["fire", "reports.nightly"], {
    broker: vhost.url,
    cwd: hopper.dir,
  });
  assert.deepEqual([code, stdout.trim()], [0, "Fired reports.nightly (queue 'reports.nightly')"]);
  await hopper.said("reports.nightly", "manual: true, previous: undefined");
});

testOnBroker("hopper fire says why it cannot fire, and what to write instead", async ({ vhost }) => {
  await using folder = await withFolder({
    "functions/report.ts": report,
    "functions/orders.ts": orders,
    "functions/broken.ts": report.replace("0 3 * * *", "0 3 * *"),
  });
  const fire = async (name: string) => {
    const { code, stderr } = await hopperCommand(["fire", name], { broker: vhost.url, cwd: folder.path });
    return [code, stderr.trim()];
  };

  assert.deepEqual(await fire("reports"), [2, "hopper: No schedule 'reports'; did you mean 'report'?"]);
  assert.deepEqual(await fire("x"), [2, "hopper: No schedule 'x'; there are: report"]);
  const [code, why] = await fire("orders");
  assert.equal(code, 2);
  assert.match(
    String(why),
    /'orders' is no schedule but a queue trigger; try: .* send orders 'a first message'/,
  );
  assert.match(
    String((await fire("broken"))[1]),
    /'broken' cannot be fired, as its file is wrong:\n.*it has 4 fields/,
  );
  assert.match(String((await fire("report"))[1]), /No queue 'report': nothing was sent; start the function/);
});

testOnBroker("hopper list shows when a schedule is due next, and when it ran last", async ({ vhost }) => {
  const every = `import { schedule } from "hopper"; export default schedule("every 200ms", () => {});`;
  await using hopper = await startHopper({
    functions: { every, orders },
    broker: vhost.url,
    args: ["--admin", "127.0.0.1:0"],
  });
  await hopper.events("handled", 2, { function: "every" });
  const list = async (...args: string[]) => await hopperCommand(["list", ...args], { cwd: hopper.dir });

  const { functions } = JSON.parse((await list("--json")).stdout);
  const { schedule } = functions.find(({ name }: { name: string }) => name === "every");
  assert.ok(Date.parse(schedule.latest) < Date.parse(schedule.next), JSON.stringify(schedule));
  assert.ok(Math.abs(Date.parse(schedule.next) - Date.now()) < 60_000);
  const time = String.raw`20\d\d-\d\d-\d\dT[\d:.]+Z`;
  const table = (await list()).stdout;
  assert.match(table, /FUNCTION +TRIGGER +BINDING +QUEUE +NEXT +LATEST +PREFETCH/);
  assert.match(table, new RegExp(`every +schedule +every 200ms +every +${time} +${time} +1 `));
  assert.match(table, /orders +queue +- +orders +- +- +20 /);
});
