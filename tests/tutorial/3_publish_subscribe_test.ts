import assert from "node:assert/strict";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { withVhost } from "../support/rabbitmq.ts";
import { pikaReceiver, rabbitmqAndPika, runPika } from "./pika.ts";

const rabbitmq = await rabbitmqAndPika();

Deno.test("Fanout: Two runtimes and pika each get every line", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using one = await startHopper({ functions: "functions", broker: vhost.url });
  await using two = await startHopper({ functions: "functions", broker: vhost.url });
  await using receiver = await pikaReceiver("receive_logs.py", [], vhost.url);

  await runPika("emit_log.py", ["info: first"], vhost.url);
  await runPika("emit_log.py", ["info: second"], vhost.url);

  for (const line of ["info: first", "info: second"]) {
    await one.said("logs", line);
    await two.said("logs", line);
    await receiver.line(`Received ${line}`);
  }
  await one.events("handled", 2, { function: "logs" });
});

Deno.test("Fanout: A line without listeners is dropped", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await runPika("emit_log.py", ["before"], vhost.url);
  await using hopper = await startHopper({ functions: "functions", broker: vhost.url });
  await runPika("emit_log.py", ["after"], vhost.url);

  await hopper.said("logs", "after");
  assert.ok(!hopper.hasSaid("logs", "before"));
});

Deno.test("Fanout: pika receives what hopper publishes", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using receiver = await pikaReceiver("receive_logs.py", [], vhost.url);

  const published = await hopperCommand(["publish", "logs", "", "info: from hopper"], { broker: vhost.url });

  assert.equal(published.code, 0, published.stderr);
  await receiver.line("Received info: from hopper");
});
