/** Deliveries without a broker, which record how they were settled. */

import { Buffer } from "node:buffer";
import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import { Output } from "../../runtime/amqp/output.ts";
import type { Delivery } from "../../runtime/core/ports/amqp.ts";
import type { Properties } from "../../runtime/core/api/message.ts";
import { writeProperties } from "../../runtime/link/content_header.ts";
import { Writer } from "./wire_fields.ts";

/** The parts of a delivery. Everything has a default. */
export interface DeliveryOptions {
  readonly body?: string;
  readonly exchange?: string;
  readonly routingKey?: string;
  readonly headers?: Record<string, unknown>;
  readonly properties?: Omit<Properties, "headers">;
  readonly redelivered?: boolean;
  readonly deliveredBefore?: number;
}

/** How a delivery was settled. */
export type Settling = "ack" | "requeue" | "reject";

/** A delivery whose channel the test can close. */
export interface TestDelivery extends Delivery {
  /** How it was settled while its channel was open, if it was. */
  readonly settled: Settling | undefined;
  /** Resolves with the same when it is settled. */
  readonly settling: Promise<Settling>;
  /** Closes its channel, so that it can no longer be settled. */
  closeChannel(): void;
}

/** A delivery from the exchange `shop` by default. */
export function delivery(options: DeliveryOptions): TestDelivery {
  const { body = "null", exchange = "shop", routingKey = "order.new", headers, properties } = options;
  let settled: TestDelivery["settled"];
  const table = new HeaderTable(Buffer.from(new Writer().table(headers ?? {}).bytes.subarray(4)));
  const all = { ...properties, headers: table };
  const encoded = new Output();
  writeProperties(encoded, { properties: all });
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
    encoded: encoded.copy(),
    redelivered: options.redelivered ?? false,
    tag: 1,
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
