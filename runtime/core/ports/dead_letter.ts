/** A dead letter, as people see it. */
export interface DeadLetter {
  readonly id: string;
  readonly function: string;
  readonly error: string;
  /** The line in the project's files where the error was thrown, such as `functions/a.ts:3:5`; `""` if not known. */
  readonly at: string;
  readonly attempts: number;
  readonly source: string;
  readonly failedAt: string;
  readonly replays: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** The result of a replay. */
export interface Replayed {
  /** The ids of the messages that are back in their queue. */
  readonly ids: readonly string[];
  /** Whether it was stopped before the end. */
  readonly interrupted: boolean;
}
