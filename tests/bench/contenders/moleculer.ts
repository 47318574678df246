/**
 * Moleculer, as https://moleculer.services/docs/0.14/networking writes its AMQP transporter: events that are balanced by the
 * broker, and calls to a node's queue. It publishes without confirms, so that it is not measured there.
 */
import { ServiceBroker } from "moleculer";
import { counted, echo, job, perform } from "./kit.ts";

async function start(nodeID: string, options: object, service: object): Promise<void> {
  const broker = new ServiceBroker({
    nodeID,
    logLevel: "warn",
    transporter: {
      type: "AMQP",
      options: { url: job.url, prefetch: job.prefetch, socketOptions: { noDelay: true } },
    },
    ...options,
  });
  broker.createService(service);
  await broker.start();
}

await perform({
  async consume() {
    const handler = counted();
    const event = job.queue.replace("MOL.EVENTB.bench.", "");
    await start("consumer", { disableBalancer: true }, {
      name: "bench",
      events: { [event]: { handler: () => handler() } },
    });
  },
  async serve() {
    await start(job.queue.replace("MOL.REQ.", ""), {}, {
      name: "bench",
      actions: { echo: (context: { params: unknown }) => echo(context.params) },
    });
  },
});
