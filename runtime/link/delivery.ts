import type amqp from "amqplib";
import { type BrokerVersion, isRabbitmqSince } from "../core/ports/broker_version.ts";
import type { Delivery } from "../core/ports/amqp.ts";
import { bytesOf } from "./bytes.ts";
import { receivedIn, type ReceivedProperties } from "./properties.ts";

/** The channel that a delivery came from, which settles it. */
export interface Settler {
  readonly open: boolean;
  readonly broker: BrokerVersion;
  ack(deliveryTag: number): void;
  requeue(deliveryTag: number): void;
  reject(deliveryTag: number): void;
}

/** A message from amqplib that can settle itself. */
export class AmqpDelivery implements Delivery {
  readonly body: Uint8Array;
  readonly properties: ReceivedProperties;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly tag: number;
  readonly #settler: Settler;
  #settled: boolean;

  constructor(message: amqp.ConsumeMessage, noAck: boolean, settler: Settler) {
    const { content, fields } = message;
    this.body = bytesOf(content);
    this.properties = receivedIn(message);
    this.exchange = fields.exchange;
    this.routingKey = fields.routingKey;
    this.redelivered = fields.redelivered;
    this.tag = fields.deliveryTag;
    this.#settler = settler;
    this.#settled = noAck;
  }

  get headers(): Delivery["headers"] {
    return this.properties.headers;
  }

  get encoded(): Uint8Array {
    return this.properties.encoded;
  }

  // A sender can write the same header itself, so it counts only on a redelivered message, where the broker has set it.
  get deliveredBefore(): number {
    if (!this.redelivered) return 0;
    const times = this.headers.get(countHeader(this.#settler.broker));
    return Number.isSafeInteger(times) ? Math.max(0, times as number) : 0;
  }

  get broker(): BrokerVersion {
    return this.#settler.broker;
  }

  get open(): boolean {
    return !this.#settled && this.#settler.open;
  }

  ack(): void {
    if (!this.open) return;
    this.#settled = true;
    this.#settler.ack(this.tag);
  }

  requeue(): void {
    if (!this.open) return;
    this.#settled = true;
    this.#settler.requeue(this.tag);
  }

  reject(): void {
    if (!this.open) return;
    this.#settled = true;
    this.#settler.reject(this.tag);
  }
}

// Since RabbitMQ 4.3, x-delivery-count counts only failed deliveries, and x-acquired-count counts all.
function countHeader(broker: BrokerVersion): string {
  return isRabbitmqSince(broker, 4, 3) ? "x-acquired-count" : "x-delivery-count";
}
