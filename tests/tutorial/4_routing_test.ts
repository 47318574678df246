import assert from "node:assert/strict";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { withVhost } from "../support/rabbitmq.ts";
import { pikaReceiver, rabbitmqAndPika, runPika } from "./pika.ts";

const rabbitmq = await rabbitmqAndPika();

Deno.test(
  "Direct: A function gets the severities that it binds, and pika the other one",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using hopper = await startHopper({ functions: "functions", broker: vhost.url });
    await using receiver = await pikaReceiver("receive_logs_direct.py", ["info"], vhost.url);

    await runPika("emit_log_direct.py", ["info", "all is well"], vhost.url);
    await runPika("emit_log_direct.py", ["warning", "disk is filling"], vhost.url);
    await runPika("emit_log_direct.py", ["error", "disk is full"], vhost.url);

    await hopper.said("direct_logs", "disk is filling");
    await hopper.said("direct_logs", "disk is full");
    // It was published first, so it would have arrived by now if it had been routed to the function.
    assert.ok(!hopper.hasSaid("direct_logs", "all is well"));
    await receiver.line("Received info:all is well");
    assert.equal(receiver.output.filter((line) => line.startsWith("Received")).length, 1);
  },
);

Deno.test("Direct: pika receives the severity that hopper publishes", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using receiver = await pikaReceiver("receive_logs_direct.py", ["error"], vhost.url);

  const published = await hopperCommand(["publish", "direct_logs", "error", "disk is full"], {
    broker: vhost.url,
  });

  assert.equal(published.code, 0, published.stderr);
  await receiver.line("Received error:disk is full");
});
