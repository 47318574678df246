import type { CallOptions, SendOptions } from "../api/context.ts";

/** An rpc's reply as it came. */
export interface RawReply {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** Whether the function replied with an error; its body is a problem then. */
  readonly isError: boolean;
}

/** Sends and calls for programs that are no function, with bodies as they came. A body of `undefined` is JSON's `null`. */
export interface OutsideCaller {
  /** As `Caller.send`. */
  send(queue: string, body: Uint8Array | undefined, options: SendOptions): Promise<void>;
  /** As `Caller.publish`. */
  publish(
    exchange: string,
    routingKey: string,
    body: Uint8Array | undefined,
    options: SendOptions,
  ): Promise<void>;
  /** As `Caller.call`, but an error reply is a reply too, and nothing is decoded. */
  request(name: string, body: Uint8Array | undefined, options: CallOptions): Promise<RawReply>;
}
