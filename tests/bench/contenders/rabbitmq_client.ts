/** rabbitmq-client: its Consumer and Publisher, which its README recommends. */
import { Connection } from "rabbitmq-client";
import {
  bytes,
  callFromTasks,
  counted,
  echo,
  fromTasks,
  job,
  keepOutstanding,
  perform,
  text,
} from "./kit.ts";

const rabbit = new Connection({ url: job.url, noDelay: true });
rabbit.on("error", (error) => console.error(error));

await perform({
  consume() {
    const handler = counted();
    rabbit.createConsumer(
      { queue: job.queue, queueOptions: { durable: true }, qos: { prefetchCount: job.prefetch } },
      () => handler(),
    );
  },
  serve() {
    rabbit.createConsumer(
      { queue: job.queue, queueOptions: { durable: false }, qos: { prefetchCount: job.prefetch } },
      async (request, reply) => {
        await reply(echo(request.body));
      },
    );
  },
  async call() {
    const client = rabbit.createRPCClient({ confirm: false });
    const input = text();
    await callFromTasks(() => client.send(job.queue, input));
  },
  async publish() {
    const publisher = rabbit.createPublisher({ confirm: true });
    const body = bytes();
    const message = { routingKey: job.queue, durable: true };
    if (job.tasks) await fromTasks(() => publisher.send(message, body));
    else keepOutstanding((confirmed) => publisher.send(message, body).then(confirmed));
  },
});
