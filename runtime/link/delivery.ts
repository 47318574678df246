import type amqp from "amqplib";
import { type BrokerVersion, isRabbitmqSince } from "../core/broker_version.ts";
import type { Delivery } from "../core/link.ts";
import type { Properties } from "../core/message.ts";
import { bytesOf } from "./bytes.ts";
import { encodedIn } from "./readable_headers.ts";
import { readProperties } from "./properties.ts";

/** How a delivery settles itself: at the channel it came by, and nowhere once that is closed. */
export interface Settler {
  readonly open: boolean;
  readonly broker: BrokerVersion;
  ack(deliveryTag: number): void;
  requeue(deliveryTag: number): void;
}

/** A message amqplib was given, with the handle that settles it. */
export class AmqpDelivery implements Delivery {
  readonly body: Uint8Array;
  readonly properties: Readonly<Properties>;
  readonly encoded: Uint8Array | undefined;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly #deliveryTag: number;
  readonly #settler: Settler;
  #settled: boolean;

  constructor({ content, fields, properties }: amqp.ConsumeMessage, noAck: boolean, settler: Settler) {
    this.body = bytesOf(content);
    this.properties = readProperties(properties);
    this.encoded = encodedIn(properties);
    this.exchange = fields.exchange;
    this.routingKey = fields.routingKey;
    this.redelivered = fields.redelivered;
    this.#deliveryTag = fields.deliveryTag;
    this.#settler = settler;
    this.#settled = noAck;
  }

  // A sender may write the same header, and then its own is what comes first. What comes again bears the broker's.
  get deliveredBefore(): number {
    if (!this.redelivered) return 0;
    const times = this.properties.headers?.[countHeader(this.#settler.broker)];
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
    this.#settler.ack(this.#deliveryTag);
  }

  requeue(): void {
    if (!this.open) return;
    this.#settled = true;
    this.#settler.requeue(this.#deliveryTag);
  }
}

// From 4.3 on the one counts what failed, and the other all that was delivered.
function countHeader(broker: BrokerVersion): string {
  return isRabbitmqSince(broker, 4, 3) ? "x-acquired-count" : "x-delivery-count";
}
