/** @golevelup/nestjs-rabbitmq, as https://golevelup.github.io/nestjs/modules/rabbitmq.html writes it. */
import "reflect-metadata";
import { AmqpConnection, RabbitMQModule, RabbitRPC, RabbitSubscribe } from "@golevelup/nestjs-rabbitmq";
import { Injectable, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { counted, echo, fromTasks, job, keepOutstanding, perform, text } from "./kit.ts";

async function start(providers: unknown[]) {
  @Module({
    imports: [
      RabbitMQModule.forRoot({
        uri: job.url,
        exchanges: [{ name: "bench", type: "direct" }],
        prefetchCount: job.prefetch,
        connectionManagerOptions: { connectionOptions: { noDelay: true } },
      }),
    ],
    providers,
  })
  class AppModule {}
  return await NestFactory.createApplicationContext(AppModule, { logger: ["error"] });
}

await perform({
  async consume() {
    const handler = counted();
    @Injectable()
    class Consumer {
      @RabbitSubscribe({ exchange: "bench", routingKey: job.queue, queue: job.queue })
      async handle(_message: string) {
        await handler();
      }
    }
    await start([Consumer]);
  },
  async serve() {
    @Injectable()
    class Server {
      @RabbitRPC({
        exchange: "bench",
        routingKey: job.queue,
        queue: job.queue,
        queueOptions: { durable: false },
      })
      handle(input: unknown) {
        return echo(input);
      }
    }
    await start([Server]);
  },
  async publish() {
    const app = await start([]);
    const connection = app.get(AmqpConnection);
    const body = text();
    const send = () => connection.publish("", job.queue, body, { persistent: true });
    if (job.tasks) await fromTasks(send);
    else keepOutstanding((confirmed) => send().then(confirmed));
  },
});
