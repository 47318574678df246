/** Deliveries that no broker has sent, which remember how they were settled. */

import { Buffer } from "node:buffer";
import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import type { Delivery } from "../../runtime/core/ports/amqp.ts";
import type { Properties } from "../../runtime/core/api/message.ts";
import { encodeProperties } from "../../runtime/link/content_header.ts";
import { Writer } from "./wire_fields.ts";

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

/** How a delivery may be settled. */
export type Settling = "ack" | "requeue" | "reject";

/** A delivery with the handle of a channel that can be closed. */
export interface TestDelivery extends Delivery {
  /** How it was settled, if it was while its channel was open. */
  readonly settled: Settling | undefined;
  /** The same, once it is. */
  readonly settling: Promise<Settling>;
  /** Closes its channel: from now on it cannot be settled. */
  closeChannel(): void;
}

/** A delivery from the exchange `shop` by default. */
export function delivery(options: DeliveryOptions): TestDelivery {
  const { body = "null", exchange = "shop", routingKey = "order.new", headers, properties } = options;
  let settled: TestDelivery["settled"];
  const table = new HeaderTable(Buffer.from(new Writer().table(headers ?? {}).bytes.subarray(4)));
  const all = { ...properties, headers: table };
  const { promise: settling, resolve } = Promise.withResolvers<Settling>();
  let channelOpen = true;
  const settle = (how: Settling) => {
    if (!channelOpen) return;
    settled ??= how;
    resolve(settled);
  };
  return {
    body: new TextEncoder().encode(body),
    exchange,
    routingKey,
    properties: all,
    headers: table,
    encoded: encodeProperties({ properties: all }),
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
    reject: () => settle("reject"),
    closeChannel: () => channelOpen = false,
  };
}
