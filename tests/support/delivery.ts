/** Deliveries that no broker has sent, which remember how they were settled. */

import type { Delivery } from "../../runtime/core/link.ts";
import type { Properties } from "../../runtime/core/message.ts";

/** What a delivery is made of; everything has a default. */
export interface DeliveryOptions {
  readonly body?: string;
  readonly exchange?: string;
  readonly routingKey?: string;
  readonly headers?: Record<string, unknown>;
  readonly properties?: Omit<Properties, "headers">;
  readonly redelivered?: boolean;
  readonly deliveredBefore?: number;
}

/** A delivery with the handle of a channel that can be closed. */
export interface TestDelivery extends Delivery {
  /** How it was settled, if it was while its channel was open. */
  readonly settled: "ack" | "requeue" | undefined;
  /** The same, once it is. */
  readonly settling: Promise<"ack" | "requeue">;
  /** Closes its channel: from now on it cannot be settled. */
  closeChannel(): void;
}

/** A delivery from the exchange `shop` by default, with the headers as the link makes them: without a prototype. */
export function delivery(options: DeliveryOptions): TestDelivery {
  const { body = "null", exchange = "shop", routingKey = "order.new", headers, properties } = options;
  let settled: TestDelivery["settled"];
  const { promise: settling, resolve } = Promise.withResolvers<"ack" | "requeue">();
  let channelOpen = true;
  const settle = (how: "ack" | "requeue") => {
    if (!channelOpen) return;
    settled ??= how;
    resolve(settled);
  };
  return {
    body: new TextEncoder().encode(body),
    exchange,
    routingKey,
    properties: { ...properties, headers: Object.assign(Object.create(null), headers) },
    redelivered: options.redelivered ?? false,
    deliveredBefore: options.deliveredBefore ?? 0,
    broker: { product: "RabbitMQ", version: "3.10.8" },
    get open() {
      return channelOpen && settled === undefined;
    },
    get settled() {
      return settled;
    },
    settling,
    ack: () => settle("ack"),
    requeue: () => settle("requeue"),
    closeChannel: () => channelOpen = false,
  };
}
