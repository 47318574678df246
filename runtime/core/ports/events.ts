import type { FileProblem } from "../declared.ts";
import type { ObservedRun } from "./observed_run.ts";

/** Everything that happens in a runtime. Logs, health and tests are made from these events. */
export type Event =
  | {
    readonly event: "connecting";
    readonly connection: ConnectionRole;
    readonly broker: string;
    readonly attempt: number;
    readonly error: string;
    /** The broker's reply code, if it refused the login or the virtual host. Somebody has to fix that. */
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
  /** A message goes to its handler. If its process ends through another message, it goes there again. */
  | {
    readonly event: "started";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
  }
  | {
    readonly event: "handled";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
    readonly attempt: number;
    readonly ms: number;
    /** How many messages its batch had, if the function gets batches. `ms` is the time of the whole batch. */
    readonly batch?: number;
  }
  | {
    readonly event: "failed";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
    readonly attempt: number;
    readonly ms: number;
    readonly error: string;
    /** Whether it was the caller's mistake, such as a wrong input, so that nothing here has to be fixed. */
    readonly byCaller?: true;
    /** The first line of the error's stack in the project's own files, such as `functions/mail.ts:12:5`. */
    readonly at?: string;
    readonly stack?: string;
    /** As for `handled`. */
    readonly batch?: number;
  }
  | {
    readonly event: "expired";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
    readonly attempt: number;
    readonly ms: number;
  }
  | {
    readonly event: "duplicate";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
  }
  /** A message that was not run, because a later one of its key had come. */
  | {
    readonly event: "superseded";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
  }
  | {
    readonly event: "paused";
    readonly function: string;
    readonly failures: number;
    readonly probeMs: number;
  }
  | { readonly event: "resumed"; readonly function: string }
  /** Ticks of a schedule that are not run. The times are those of the first and the last of them. */
  | {
    readonly event: "skipped";
    readonly function: string;
    readonly from: string;
    readonly to: string;
    readonly why: string;
  }
  /** An operator paused a function, or let it go on. */
  | { readonly event: "held" | "released"; readonly function: string }
  /** A function's process cannot be started, or its setup failed. It is tried again in `retryMs` milliseconds. */
  | {
    readonly event: "unavailable";
    readonly function: string;
    readonly error: string;
    readonly retryMs: number;
  }
  /** A function's process and its setup work again. */
  | { readonly event: "available"; readonly function: string }
  | {
    readonly event: "retrying";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
    readonly attempt: number;
    readonly retryMs: number;
    readonly error: string;
  }
  | {
    readonly event: "dead-lettered";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
    readonly queue: string;
    readonly error: string;
  }
  | {
    readonly event: "dropped";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
    readonly error: string;
  }
  | {
    readonly event: "unanswered";
    readonly function: string;
    readonly messageId: string;
    readonly run: ObservedRun;
    readonly error: string;
  }
  /** No queue took what a function published, and that is no error. `count` is how many this exchange had so far. */
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
    /** Missing if the function's process wrote it outside of any run. */
    readonly messageId?: string;
    readonly run?: ObservedRun;
    readonly message: string;
    readonly data?: Readonly<Record<string, unknown>>;
  }
  /** A new or changed file is live, `ms` milliseconds after the change was seen. */
  | {
    readonly event: "deployed";
    readonly function: string;
    readonly queue: string;
    readonly change: "new" | "code" | "settings";
    readonly ms: number;
  }
  /** A file was deleted, and its consumer was stopped. The queue stays. */
  | { readonly event: "removed"; readonly function: string; readonly queue: string }
  /** A function's process has started, in `ms` milliseconds. */
  | { readonly event: "host-started"; readonly function: string; readonly ms: number }
  /** A function's process has ended by itself. `how` is text such as `exited with code 3`. */
  | { readonly event: "host-ended"; readonly function: string; readonly how: string }
  | { readonly event: "draining"; readonly inFlight: number }
  | {
    readonly event: "drained";
    readonly finished: number;
    readonly putBack: number;
    readonly seconds: number;
  };

/** What a connection is used for. Deliveries, publishing and replies never share one. */
export type ConnectionRole = "consumers" | "publisher" | "replies";

/** The log levels, the least important first. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

/** The level of a log line. */
export type LogLevel = typeof logLevels[number];

/** Receives one event. */
export type Emit = (event: Event) => void;

/** Passes every event to every listener. */
export interface Events {
  readonly emit: Emit;
  /** Adds a listener; the function it returns removes it. */
  on(listener: Emit): () => void;
}

/** Creates an event bus without listeners. */
export function createEvents(): Events {
  const listeners = new Set<Emit>();
  let reporting = false;
  // An observer's fault is reported as its own, and changes nothing of what it observes. The report may be an event too.
  const report = (error: unknown) => {
    if (reporting) return;
    reporting = true;
    try {
      reportError(error);
    } finally {
      reporting = false;
    }
  };
  return {
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          report(error);
        }
      }
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
