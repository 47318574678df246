import assert from "node:assert/strict";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { withVhost } from "../support/rabbitmq.ts";
import { pikaReceiver, rabbitmqAndPika, runPika } from "./pika.ts";

const rabbitmq = await rabbitmqAndPika();

Deno.test("Hello World: A function receives what pika sends", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using hopper = await startHopper({ functions: "functions", broker: vhost.url });

  await runPika("send.py", ["Hello World!"], vhost.url);

  await hopper.said("hello", "Hello World!");
  await hopper.event("handled", { function: "hello", attempt: 1 });
  assert.equal((await vhost.inspect("queues", "hello")).durable, false);
});

Deno.test(
  "Hello World: A function receives what pika sent before the runtime started",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await runPika("send.py", ["early"], vhost.url);

    await using hopper = await startHopper({ functions: "functions", broker: vhost.url });

    await hopper.said("hello", "early");
  },
);

Deno.test("Hello World: pika receives what hopper sends", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using receiver = await pikaReceiver("receive.py", [], vhost.url);

  const sent = await hopperCommand(["send", "hello", "Hello World!"], { broker: vhost.url });

  assert.equal(sent.code, 0, sent.stderr);
  await receiver.line("Received Hello World!");

  const later = await hopperCommand(["send", "hello", "Hello later!", "--delay", "200ms"], {
    broker: vhost.url,
  });
  assert.equal(later.code, 0, later.stderr);
  await receiver.line("Received Hello later!");
});
