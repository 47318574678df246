import type { PayloadView } from "./runs.ts";

/** `GET /api/queues` */
export interface QueuesView {
  readonly queues: readonly QueueView[];
}

export interface QueueView {
  readonly name: string;
  readonly kind: "work" | "retry" | "dead" | "suspects" | "schedule";
  /** The functions that consume it, or that it belongs to. */
  readonly functions: readonly string[];
  /** Messages that wait; missing if the queue does not exist (yet). */
  readonly ready?: number;
  /** Messages that this runtime has and has not settled. */
  readonly unacked: number;
  /** Consumers of all runtimes. */
  readonly consumers?: number;
  /** Messages a second that this runtime took from it, and how `ready` changes a second, over the last seconds. */
  readonly taken: number;
  readonly growth?: number;
}

/** `GET /api/queues/:name/peek?max=10`: messages that wait, which stay there. Only for the trusted. */
export interface PeekView {
  readonly messages: readonly PeekedMessage[];
}

export interface PeekedMessage {
  readonly messageId: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly payload: PayloadView;
}
