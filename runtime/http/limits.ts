/** Limits for a server's clients. A client that goes beyond one is refused or disconnected, and harms no other. */
export interface HttpLimits {
  /** How many connections may be open. One more closes the oldest that has no request, or else the oldest. */
  readonly connections: number;
  /** Bytes of a request's path with its query; more is answered with 414. */
  readonly target: number;
  /** Bytes of a request's first line and headers; more is answered with 431. */
  readonly head: number;
  /** Bytes of a request's body; more is answered with 413. */
  readonly body: number;
  /** Milliseconds that a connection waits for a request with all its headers. */
  readonly idleMs: number;
  /** Milliseconds from a request's headers to the end of its answer; to its beginning, if the answer is a stream. */
  readonly requestMs: number;
  /** Milliseconds that a client may read nothing of its answer, or not close after the last one. */
  readonly stallMs: number;
}

/** The limits that hold where a server names no others. */
export const defaultLimits: HttpLimits = {
  connections: 64,
  target: 8 * 1024,
  head: 16 * 1024,
  body: 1024 * 1024,
  idleMs: 15_000,
  requestMs: 30_000,
  stallMs: 10_000,
};
