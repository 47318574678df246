import type { Duration } from "./duration.ts";

/** What a key may be. Without one, a message is handled like any other, whatever else waits. */
export type MessageKey = string | number | bigint | boolean | undefined | null;

/** Takes the key from a message, as the handler gets it but not checked by `input`. */
export type KeyFunction<Input> = { of(message: Input): MessageKey | Promise<MessageKey> }["of"];

/**
 * Where a message's key is: a field of its body, such as `"customerId"` or `"customer.id"`; a header, as
 * `{ header: "x-tenant" }`; or a function of the message. The runtime itself reads a field or a header; a function is
 * called in the function's process, once for each message, and has to give the same key for the same message.
 */
export type KeyBy<Input> = string | { readonly header: string } | KeyFunction<Input>;

/** How many runs of one key may be in progress. */
export interface KeyedConcurrency<Input> {
  /** How many runs of one key may be in progress, 1 to 1000. */
  readonly limit: number;
  /** What the runs are counted by. */
  readonly key: KeyBy<Input>;
  /** How many queues the messages are spread over, 1 to 64: keys in different ones do not delay each other. @default 8 */
  readonly shards?: number;
  /** Whether each runtime counts by itself (`process`), or all together (`cluster`). @default "process" */
  readonly scope?: "process" | "cluster";
}

/** That messages of one key are handled one after the other, in all runtimes together. */
export interface OrderOptions<Input> {
  /** Which messages belong together. */
  readonly by: KeyBy<Input>;
  /** How many queues the messages are spread over, 1 to 64: keys in different ones do not delay each other. @default 8 */
  readonly shards?: number;
}

/** That of the messages of one key only the latest is run, once no other has come for a while. */
export interface DebounceOptions<Input> {
  /** Which messages belong together. */
  readonly key: KeyBy<Input>;
  /** How long no other message of the key may come before the latest is run. */
  readonly wait: Duration;
  /** How long messages of the key may keep coming until one is run all the same. @default forever */
  readonly most?: Duration;
  /** How many queues the messages are spread over, 1 to 64. @default 8 */
  readonly shards?: number;
}

/** That of the messages of one key one is run at once, and of those that come soon after it only the latest. */
export interface ThrottleOptions<Input> {
  /** Which messages belong together. */
  readonly key: KeyBy<Input>;
  /** At most one message of the key begins within this time. */
  readonly per: Duration;
  /** How many queues the messages are spread over, 1 to 64. @default 8 */
  readonly shards?: number;
}
