import type { FileProblem } from "../declared.ts";

/** What happens in a runtime. Logs, health and tests all read it here. */
export type Event =
  | {
    readonly event: "connecting";
    readonly connection: ConnectionRole;
    readonly broker: string;
    readonly attempt: number;
    readonly error: string;
    /** The broker's reply code, where it refused the login or the virtual host: somebody has to mend that. */
    readonly refused?: number;
    readonly retryMs: number;
  }
  | { readonly event: "connected"; readonly connection: ConnectionRole; readonly broker: string }
  | {
    readonly event: "disconnected";
    readonly connection: ConnectionRole;
    readonly broker: string;
    readonly error: string;
  }
  | { readonly event: "ready"; readonly functions: number; readonly problems: number; readonly ms: number }
  | ({ readonly event: "problem" } & FileProblem)
  | { readonly event: "notice"; readonly message: string }
  | { readonly event: "attached"; readonly function: string; readonly queue: string }
  | {
    readonly event: "detached";
    readonly function: string;
    readonly error: string;
    readonly retryMs: number;
  }
  | {
    readonly event: "handled";
    readonly function: string;
    readonly messageId: string;
    readonly attempt: number;
    readonly ms: number;
  }
  | {
    readonly event: "failed";
    readonly function: string;
    readonly messageId: string;
    readonly attempt: number;
    readonly ms: number;
    readonly error: string;
    /** Whether it was the caller's mistake, as an input that does not fit: nobody here has anything to mend. */
    readonly byCaller?: true;
    /** The first line of the project's own files that the error came through, as `functions/mail.ts:12:5`. */
    readonly at?: string;
    readonly stack?: string;
  }
  | {
    readonly event: "expired";
    readonly function: string;
    readonly messageId: string;
    readonly attempt: number;
    readonly ms: number;
  }
  | { readonly event: "duplicate"; readonly function: string; readonly messageId: string }
  | {
    readonly event: "paused";
    readonly function: string;
    readonly failures: number;
    readonly probeMs: number;
  }
  | { readonly event: "resumed"; readonly function: string }
  | {
    readonly event: "retrying";
    readonly function: string;
    readonly messageId: string;
    readonly attempt: number;
    readonly retryMs: number;
    readonly error: string;
  }
  | {
    readonly event: "dead-lettered";
    readonly function: string;
    readonly messageId: string;
    readonly queue: string;
    readonly error: string;
  }
  | {
    readonly event: "dropped";
    readonly function: string;
    readonly messageId: string;
    readonly error: string;
  }
  | {
    readonly event: "unanswered";
    readonly function: string;
    readonly messageId: string;
    readonly error: string;
  }
  /** What a function published reached no queue, where that is no error; `count` is of those to this exchange so far. */
  | {
    readonly event: "unrouted";
    readonly function: string;
    readonly exchange: string;
    readonly routingKey: string;
    readonly count: number;
  }
  | {
    readonly event: "log";
    readonly level: LogLevel;
    readonly function: string;
    /** Absent for what a function's process writes outside of any run. */
    readonly messageId?: string;
    readonly message: string;
    readonly data?: Readonly<Record<string, unknown>>;
  }
  /** A file was dropped or changed, and is live `ms` milliseconds after that was seen to be so. */
  | {
    readonly event: "deployed";
    readonly function: string;
    readonly queue: string;
    readonly change: "new" | "code" | "settings";
    readonly ms: number;
  }
  /** A file is gone, and its consumer; the queue stays. */
  | { readonly event: "removed"; readonly function: string; readonly queue: string }
  /** A function's process is there, `ms` milliseconds after it was asked for. */
  | { readonly event: "host-started"; readonly function: string; readonly ms: number }
  /** A function's process has ended, which nobody asked it to: `how` is as `exited with code 3`. */
  | { readonly event: "host-ended"; readonly function: string; readonly how: string }
  | { readonly event: "draining"; readonly inFlight: number }
  | {
    readonly event: "drained";
    readonly finished: number;
    readonly putBack: number;
    readonly seconds: number;
  };

/** What a connection is for: deliveries, publishing, and replies to whatever address a caller names never share one. */
export type ConnectionRole = "consumers" | "publisher" | "replies";

/** How loud a log line may be, from the most quiet on. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

/** How loud a log line is. */
export type LogLevel = typeof logLevels[number];

/** Takes one event. */
export type Emit = (event: Event) => void;

/** Hands every event to every listener. */
export interface Events {
  readonly emit: Emit;
  /** Adds a listener; the function it returns removes it. */
  on(listener: Emit): () => void;
}

/** A bus without listeners. */
export function createEvents(): Events {
  const listeners = new Set<Emit>();
  return {
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
