// The default limit of RabbitMQ 4. Earlier versions accept more.
const safeBytes = 16 * 2 ** 20;

/**
 * What is known about a broker's `max_message_size`. The broker tells it only when it closes a channel over a body that
 * was too large.
 */
export class SizeLimit {
  /** The limit, in bytes, if the broker has told it. */
  known: number | undefined;
  #taken = safeBytes;

  /** Whether a body is known to be too large. */
  forbids(bytes: number): boolean {
    return this.known !== undefined && bytes > this.known;
  }

  /** Whether the broker may close a channel over a body of this size, because it has accepted none as large so far. */
  mayForbid(bytes: number): boolean {
    return bytes > this.#taken;
  }

  /** The broker has accepted a body of this size. */
  took(bytes: number): void {
    this.#taken = Math.max(this.#taken, bytes);
  }

  /** A channel was closed. Its reason may contain the limit. */
  learn(reason: string): void {
    this.known = sizeLimitIn(reason) ?? this.known;
  }
}

/** The limit in a broker's reason; `undefined` if it is about something else. */
export function sizeLimitIn(reason: string): number | undefined {
  const [, limit] = /message size \d+ is larger than (?:configured )?max size (\d+)/.exec(reason) ?? [];
  return limit === undefined ? undefined : Number(limit);
}
