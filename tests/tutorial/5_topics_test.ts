import assert from "node:assert/strict";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { withVhost } from "../support/rabbitmq.ts";
import { pikaReceiver, rabbitmqAndPika, runPika } from "./pika.ts";

const rabbitmq = await rabbitmqAndPika();

Deno.test(
  "Topic: A function gets each message that matches a pattern, once",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using hopper = await startHopper({ functions: "functions", broker: vhost.url });
    await using receiver = await pikaReceiver("receive_logs_topic.py", ["#"], vhost.url);

    const keys = ["auth.info", "kern.critical", "kern", "kern.a.b", "kern.info", "disk.critical"];
    for (const key of keys) await runPika("emit_log_topic.py", [key, `<${key}>`], vhost.url);

    await hopper.said("topic_logs", "<disk.critical>");
    // It was published last, so any other message has arrived by now.
    const times = (key: string) =>
      hopper.logged("log").filter(({ message }) => message?.includes(`<${key}>`)).length;
    assert.deepEqual(keys.map(times), [0, 1, 0, 0, 1, 1]);
    for (const key of keys) await receiver.line(`Received ${key}:<${key}>`);
  },
);

Deno.test("Topic: pika receives by its pattern what hopper publishes", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using receiver = await pikaReceiver("receive_logs_topic.py", ["*.critical"], vhost.url);

  const published = await hopperCommand(["publish", "topic_logs", "kern.critical", "A kernel error"], {
    broker: vhost.url,
  });

  assert.equal(published.code, 0, published.stderr);
  await receiver.line("Received kern.critical:A kernel error");
});
