/** What the metrics are asked for when somebody reads them, because no event says it. */
export interface MetricsSource {
  /** The functions that are served, or still have runs. */
  functions(): readonly FunctionNow[];
  /** How much waits in their queues. It may reject or take long: then the queues are left out. */
  queues(): Promise<readonly QueueNow[]>;
}

/** A function at this moment. */
export interface FunctionNow {
  readonly name: string;
  /** The queue that it consumes; empty if the broker chooses the name. */
  readonly queue: string;
  /** How many runs are in progress. */
  readonly inFlight: number;
  /** How many messages it has and has not settled. */
  readonly unacked: number;
  /** Whether its consumer is attached, or it paused. */
  readonly attached: boolean;
  readonly paused: boolean;
  /** What it has sent since the runtime started. */
  readonly sent: readonly SentCount[];
}

/** How many messages a function sent in one way. */
export interface SentCount {
  readonly operation: SendOperation;
  /** The error's name, where they could not be sent. */
  readonly error?: string;
  readonly count: number;
}

/** How a function sends a message. */
export type SendOperation = "send" | "publish" | "call";

/** A queue of a function at this moment. */
export interface QueueNow {
  readonly function: string;
  readonly queue: string;
  readonly kind: "work" | "dead";
  /** How many messages wait. */
  readonly ready: number;
}
