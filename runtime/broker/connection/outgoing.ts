import type { Buffer } from "node:buffer";
import { Output } from "../../amqp/output.ts";
import type { Buffers } from "../protocol/buffers.ts";
import type { Dirty, Flusher } from "./flusher.ts";

/** What waits to be sent to a client. It leaves at the end of the current input, in few large writes. */
export class Outgoing implements Dirty {
  /** Whoever writes to it need not do anything else for it to be sent. */
  readonly out: Output;
  readonly #confirming = new Set<Dirty>();
  #willFlush = false;
  #inFlight = 0;

  /** @param write hands bytes to the transport, and calls `sent` when the operating system has them */
  constructor(
    readonly buffers: Buffers,
    readonly flusher: Flusher,
    readonly write: (bytes: Buffer, sent: () => void) => void,
  ) {
    this.out = new Output(buffers, () => this.#flushSoon());
  }

  /** Bytes that the operating system does not have yet. */
  get size(): number {
    return this.out.size + this.#inFlight;
  }

  /** Has the confirms written before the next output leaves. */
  confirmSoon(confirms: Dirty): void {
    this.#confirming.add(confirms);
    this.#flushSoon();
  }

  flush(): void {
    for (const confirms of this.#confirming) confirms.flush();
    this.#confirming.clear();
    this.#willFlush = false;
    this.#inFlight += this.out.size;
    for (const { buffer, size } of this.out.take()) {
      this.write(buffer.subarray(0, size), () => {
        this.buffers.give(buffer);
        this.#inFlight -= size;
      });
    }
  }

  #flushSoon(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    this.flusher.add(this);
  }
}
