// What RabbitMQ 4 takes where nobody says otherwise; earlier ones take more.
const safeBytes = 16 * 2 ** 20;

/**
 * What is known of how large a body a broker takes (`max_message_size`): it does not say so before it has closed a
 * channel over one that was too large.
 */
export class SizeLimit {
  /** The most that it takes, once it has said so. */
  known: number | undefined;
  #taken = safeBytes;

  /** Whether a body is known to be too large. */
  forbids(bytes: number): boolean {
    return this.known !== undefined && bytes > this.known;
  }

  /** Whether the broker may close a channel over a body of so many bytes, as it has taken none as large. */
  mayForbid(bytes: number): boolean {
    return bytes > this.#taken;
  }

  /** The broker has taken a body of so many bytes. */
  took(bytes: number): void {
    this.#taken = Math.max(this.#taken, bytes);
  }

  /** A channel was closed, perhaps over a body that was too large. */
  learn(reason: string): void {
    this.known = sizeLimitIn(reason) ?? this.known;
  }
}

/** The limit that a broker's words tell, if they are about one. */
export function sizeLimitIn(reason: string): number | undefined {
  const [, limit] = /message size \d+ is larger than (?:configured )?max size (\d+)/.exec(reason) ?? [];
  return limit === undefined ? undefined : Number(limit);
}
