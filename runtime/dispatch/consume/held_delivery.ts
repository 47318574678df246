import type { Delivery } from "../../core/ports/amqp.ts";

/**
 * A message whose followers are here too, in their order. It cannot go back to its queue alone: they would overtake it.
 * So instead all of them go back.
 */
export class HeldDelivery implements Delivery {
  readonly #delivery: Delivery;
  readonly #giveAllBack: () => void;
  // Its queue does not count what is given back like this, so it need not be moved to be kept.
  readonly deliveredBefore = 0;

  constructor(delivery: Delivery, giveAllBack: () => void) {
    this.#delivery = delivery;
    this.#giveAllBack = giveAllBack;
  }

  get body(): Uint8Array {
    return this.#delivery.body;
  }
  get properties(): Delivery["properties"] {
    return this.#delivery.properties;
  }
  get headers(): Delivery["headers"] {
    return this.#delivery.headers;
  }
  get encoded(): Uint8Array {
    return this.#delivery.encoded;
  }
  get exchange(): string {
    return this.#delivery.exchange;
  }
  get routingKey(): string {
    return this.#delivery.routingKey;
  }
  get redelivered(): boolean {
    return this.#delivery.redelivered;
  }
  get tag(): number {
    return this.#delivery.tag;
  }
  get broker(): Delivery["broker"] {
    return this.#delivery.broker;
  }
  get open(): boolean {
    return this.#delivery.open;
  }
  ack(): void {
    this.#delivery.ack();
  }
  reject(): void {
    this.#delivery.reject();
  }
  requeue(): void {
    if (this.#delivery.open) this.#giveAllBack();
  }
}
