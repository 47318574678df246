import { topic } from "hopper";

/** Whoever wants to know how orders end listens to their events. */
export default topic("order-events", "order.*", (event: { id: string; why?: string }, ctx) => {
  ctx.log.info(`Order ${event.id}: ${ctx.message.routingKey}`, { why: event.why });
});
