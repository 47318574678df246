import type { FunctionState } from "../api/views.ts";

/** What the metrics are asked for when somebody reads them, because no event says it. A running app is one. */
export interface MetricsSource {
  functions(): readonly FunctionNow[];
  readonly queues: {
    /** How much waits in queues; those that do not exist are left out. It may reject or take long. */
    counts(queues: readonly string[]): Promise<ReadonlyMap<string, { readonly ready: number }>>;
  };
}

/** A function at this moment. */
export interface FunctionNow {
  readonly declared: { readonly name: string };
  readonly queue: string;
  readonly state: FunctionState;
  /** How many runs are in progress. */
  readonly inFlight: number;
  /** How many messages it has and has not settled. */
  readonly unacked: number;
  /** What it has sent since the runtime started. */
  readonly sent: readonly SentCount[];
  readonly queues: readonly { readonly name: string; readonly kind: string }[];
}

/** How many messages a function sent in one way. */
export interface SentCount {
  readonly operation: SendOperation;
  /** Its `error_type`, where they could not be sent. */
  readonly error?: string;
  readonly count: number;
}

/** How a function sends a message. */
export type SendOperation = "send" | "publish" | "call";

/** What waits in a function's queue, or in that of its dead letters. */
export interface Waiting {
  readonly function: string;
  readonly queue: string;
  readonly kind: string;
  readonly ready: number;
}

const counted = ["work", "dead"];

/** Counts what waits in the functions' queues. */
export async function waitingIn(source: MetricsSource): Promise<Waiting[]> {
  const wanted = source.functions().flatMap(({ declared: { name }, queues }) =>
    queues.filter(({ kind }) => counted.includes(kind)).map((queue) => ({ function: name, ...queue }))
  );
  const counts = await source.queues.counts([...new Set(wanted.map(({ name }) => name))]);
  return wanted.flatMap(({ function: name, name: queue, kind }) => {
    const count = counts.get(queue);
    return count === undefined ? [] : [{ function: name, queue, kind, ready: count.ready }];
  });
}
