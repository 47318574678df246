import type { Duration } from "./duration.ts";

/** How long the ids of handled messages are remembered, and where. */
export interface DedupeOptions {
  /** For this long, another message with the same id is acknowledged without a run. */
  readonly for: Duration;
  /**
   * In memory; in the folder `.hopper/`, where the ids survive a restart; or in a Redis or PostgreSQL, which all replicas
   * share. @default "memory"
   */
  readonly store?: "memory" | "disk" | "redis" | "postgres";
  /**
   * The variable of the runtime's environment with the address of the Redis or PostgreSQL. The function cannot read it.
   * @default "REDIS_URL" or "DATABASE_URL"
   */
  readonly env?: string;
  /**
   * What happens while the Redis or PostgreSQL is away. `"wait"`: the messages stay in their queue until it is back.
   * `"run"`: they are run, and their ids are not remembered. @default "wait"
   */
  readonly onStoreDown?: "run" | "wait";
}
