/** NestJS microservices, as https://docs.nestjs.com/microservices/rabbitmq writes them. */
import "reflect-metadata";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RmqContext,
  Transport,
} from "@nestjs/microservices";
import { lastValueFrom } from "rxjs";
import { counted, echo, fromTasks, job, keepOutstanding, perform, text } from "./kit.ts";

const options = {
  urls: [job.url],
  queue: job.queue,
  socketOptions: { connectionOptions: { noDelay: true } },
};

async function listen(controller: unknown, more: object): Promise<void> {
  @Module({ controllers: [controller] })
  class AppModule {}
  const app = await NestFactory.createMicroservice(AppModule, {
    logger: ["error"],
    transport: Transport.RMQ,
    options: { ...options, prefetchCount: job.prefetch, ...more },
  });
  await app.listen();
}

await perform({
  async consume() {
    const handler = counted();
    @Controller()
    class Consumer {
      @EventPattern("bench")
      async handle(@Payload() _data: string, @Ctx() context: RmqContext) {
        await handler();
        context.getChannelRef().ack(context.getMessage());
      }
    }
    await listen(Consumer, { noAck: false, queueOptions: { durable: true } });
  },
  async serve() {
    @Controller()
    class Server {
      @MessagePattern("bench")
      handle(@Payload() input: unknown) {
        return echo(input);
      }
    }
    await listen(Server, { queueOptions: { durable: false } });
  },
  async publish() {
    const client = ClientProxyFactory.create({
      transport: Transport.RMQ,
      options: { ...options, persistent: true, queueOptions: { durable: true } },
    });
    await client.connect();
    const data = text();
    const send = () => lastValueFrom(client.emit("bench", data), { defaultValue: undefined });
    if (job.tasks) await fromTasks(send);
    else keepOutstanding((confirmed) => send().then(confirmed));
  },
});
