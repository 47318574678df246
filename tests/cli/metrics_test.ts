import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { startHopper } from "../support/hopper.ts";
import { valueOf } from "../support/metrics.ts";
import { freePort } from "../support/ports.ts";
import { checkMetrics, hasPromtool } from "../support/promtool.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();
const promtool = await hasPromtool();

const functions = {
  store: `import { queue } from "hopper"; export default queue("store", () => {});`,
  pass: `import { queue } from "hopper";
export default queue("pass", async (text, { send }) => { await send("store", text); });`,
  fail: `import { queue } from "hopper";
export default queue("fail", { retry: { attempts: 3, delay: "50ms" } }, (text) => { throw new TypeError(text); });`,
  hold: `import { queue } from "hopper";
export default queue("hold", { prefetch: 2, concurrency: 1 }, () => new Promise(() => {}));`,
};

Deno.test("A running runtime's metrics say what became of its messages", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  const port = freePort();
  await using hopper = await startHopper({
    functions,
    broker: vhost.url,
    args: ["--admin", `127.0.0.1:${port}`],
  });
  await using broker = await connectBroker(vhost.url);
  const read = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.equal(response.status, 200);
    return await response.text();
  };
  const handled = hopper.events("handled", 30);
  const dead = hopper.events("dead-lettered", 2);

  for (let i = 0; i < 20; i++) await broker.send("store", `${i}`);
  for (let i = 0; i < 5; i++) await broker.send("pass", `text ${i}`);
  for (let i = 0; i < 2; i++) await broker.send("fail", `text ${i}`);
  for (let i = 0; i < 5; i++) await broker.send("hold", `${i}`);
  await Promise.all([handled, dead]);
  const text = await read();

  const of = (name: string, labels: Record<string, string>) => valueOf(text, name, labels);
  const consumed = "messaging_client_consumed_messages_total";
  assert.equal(of(consumed, { function: "store", error_type: "" }), 25);
  assert.equal(of(consumed, { function: "pass" }), 5);
  assert.equal(of(consumed, { function: "fail", error_type: "TypeError" }), 6);
  assert.equal(of(consumed, { function: "fail", error_type: "" }), 0);
  assert.equal(of("messaging_process_duration_seconds_count", { function: "store" }), 25);
  assert.equal(
    of("messaging_client_sent_messages_total", { function: "pass", messaging_operation_name: "send" }),
    5,
  );
  assert.equal(of("messaging_client_sent_messages_total", { function: "store" }), undefined);
  assert.equal(of("hopper_retried_messages_total", { function: "fail" }), 4);
  assert.equal(of("hopper_dead_lettered_messages_total", { function: "fail" }), 2);
  assert.equal(of("hopper_queue_ready_messages", { function: "hold", kind: "work" }), 3);
  assert.equal(of("hopper_queue_ready_messages", { function: "fail", kind: "dead" }), 2);
  assert.equal(of("hopper_queue_unacked_messages", { function: "hold" }), 2);
  assert.equal(of("hopper_in_flight_runs", { function: "hold" }), 1);
  assert.equal(of("hopper_in_flight_runs", { function: "store" }), 0);
  assert.equal(of("hopper_processes_started_total", { function: "store" }), 1);
  assert.equal(of("hopper_function_attached", {}), 4);
  assert.equal(of("hopper_function_paused", {}), 0);
  assert.equal(of("hopper_broker_connected", { connection: "consumers" }), 1);
  assert.equal(of("hopper_broker_reconnects_total", { connection: "consumers" }), 0);
  if (promtool) assert.equal(await checkMetrics(text), "");

  await vhost.disconnect("hopper consumers");
  await hopper.further(["attached"], 4);
  const after = await read();
  assert.equal(valueOf(after, "hopper_broker_reconnects_total", { connection: "consumers" }), 1);
  // It would wait for the run that never ends.
  hopper.signal("SIGKILL");
});
