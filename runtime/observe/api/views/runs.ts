import type { LogLevel } from "../../../core/ports/events.ts";

/** How a run stands or ended. */
export type RunStatus = "running" | "ok" | "failed" | "retrying" | "dead" | "duplicate" | "expired";

export const runStatuses: readonly RunStatus[] = [
  "running",
  "ok",
  "failed",
  "retrying",
  "dead",
  "duplicate",
  "expired",
];

/** `GET /api/runs?function=&status=&since=&search=&cursor=&limit=`: the latest first. `status` may be several with commas. */
export interface RunsView {
  readonly runs: readonly RunSummary[];
  /** Pass it as `cursor` to get the next ones; missing at the end. */
  readonly next?: string;
  /** What is kept of all runs. */
  readonly kept: { readonly runs: number; readonly bytes: number; readonly oldest?: string };
}

/** A run in a list. */
export interface RunSummary {
  readonly id: string;
  readonly function: string;
  readonly status: RunStatus;
  readonly messageId: string;
  readonly attempt: number;
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  /** When the broker delivered it to the runtime. */
  readonly queued: string;
  /** When its handler began; missing if it never did. */
  readonly started?: string;
  readonly ended?: string;
  /** From the handler's beginning to its end. */
  readonly ms?: number;
  /** The error's first line. */
  readonly error?: string;
  readonly traceId?: string;
}

/** `GET /api/runs/:id`. What only the trusted may see is missing for others, and `hidden` is true. */
export interface RunDetail extends RunSummary {
  readonly hidden?: true;
  /** Missing if it was not kept: `payloadNotKept` says why. */
  readonly payload?: PayloadView;
  readonly payloadNotKept?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** The message's other properties, such as `contentType`. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
  /** Where in the project's files the error was thrown. */
  readonly at?: string;
  /** The queue of dead letters where its message went, if it did. */
  readonly deadLetterQueue?: string;
  readonly lines: readonly LineView[];
  /** How many lines were not kept. */
  readonly linesLost: number;
  /** All runs of the same message in the same function that are kept, the first attempt first. */
  readonly attempts: readonly RunSummary[];
}

export interface LineView {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A body for people: as JSON if it is JSON, as text if it is text, otherwise as base64. */
export interface PayloadView {
  readonly kind: "json" | "text" | "base64";
  readonly value: unknown;
  /** The size of the whole body in bytes. */
  readonly bytes: number;
  /** Whether only its beginning is here; then `kind` is `text` or `base64`. */
  readonly cut: boolean;
  readonly contentType?: string;
}

/** `POST /api/runs/:id/replay` with `{}` or `{ "input": … }` or `{ "text": … }` sends the message to its queue again. */
export interface ReplayView {
  readonly messageId: string;
  readonly queue: string;
}
