import type { Delivery } from "../../core/ports/amqp.ts";

/** What a stream's reader wants to know of a delivery. */
export interface Settled {
  /** It need not be read again. */
  settled(): void;
  /** It has to be read again, which needs a new consumer. */
  returned(): void;
}

/**
 * A delivery of a stream. A stream only takes acknowledgements (RabbitMQ 3.10 ends the connection over anything else), and
 * they only make room for more: what is rejected is acknowledged, and what is given back is not answered at all.
 */
export class StreamDelivery implements Delivery {
  readonly #delivery: Delivery;
  readonly #on: Settled;
  #isDone = false;

  constructor(delivery: Delivery, on: Settled) {
    this.#delivery = delivery;
    this.#on = on;
  }

  get body() {
    return this.#delivery.body;
  }
  get properties() {
    return this.#delivery.properties;
  }
  get headers() {
    return this.#delivery.headers;
  }
  get encoded() {
    return this.#delivery.encoded;
  }
  get exchange() {
    return this.#delivery.exchange;
  }
  get routingKey() {
    return this.#delivery.routingKey;
  }
  get redelivered() {
    return this.#delivery.redelivered;
  }
  get tag() {
    return this.#delivery.tag;
  }
  get deliveredBefore() {
    return 0;
  }
  get broker() {
    return this.#delivery.broker;
  }
  get open() {
    return !this.#isDone && this.#delivery.open;
  }

  ack(): void {
    if (!this.open) return;
    this.#isDone = true;
    this.#delivery.ack();
    this.#on.settled();
  }

  reject(): void {
    this.ack();
  }

  requeue(): void {
    if (!this.open) return;
    this.#isDone = true;
    this.#on.returned();
  }
}
