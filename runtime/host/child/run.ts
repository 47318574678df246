import type { Caller } from "../../core/api/context.ts";
import type { LogLevel } from "../../core/ports/events.ts";
import type { Job, Wish } from "../../core/ports/host.ts";
import { pack } from "../wire/packed.ts";
import { RunSignal } from "../execute/run_signal.ts";
import { cutLine } from "../process/lines.ts";
import { FrameTooLong } from "../wire/frame.ts";
import type { Told } from "../wire/run_heads.ts";
import { fromHost } from "../wire/messages.ts";
import type { FramePipe } from "../wire/pipe.ts";
import type { Asks } from "./asks.ts";

/** One run of a message in this process. What its handler asks for is sent to the runtime, with the run's number. */
export class ChildRun implements Job {
  readonly id: number;
  readonly message: Job["message"];
  readonly headers: Job["headers"];
  readonly attempt: number;
  readonly exhausted: Error | undefined;
  readonly asksKey: boolean;
  readonly span: Job["span"];
  // The runtime watches the time, and says when the caller waits no longer.
  readonly callerUntil = Infinity;
  readonly signal: RunSignal = new RunSignal();
  readonly #pipe: FramePipe;
  readonly #asks: Asks;
  #caller: Caller | undefined;

  constructor(
    id: number,
    { message, headers, attempt, span, exhausted, asksKey = false }:
      & Told
      & Pick<Job, "exhausted" | "asksKey">,
    pipe: FramePipe,
    asks: Asks,
  ) {
    this.id = id;
    this.message = message;
    this.headers = headers;
    this.attempt = attempt;
    this.exhausted = exhausted;
    this.asksKey = asksKey;
    this.span = span;
    this.#pipe = pipe;
    this.#asks = asks;
  }

  get caller(): Caller {
    return this.#caller ??= this.#asks.callerOf(this.id);
  }

  log(level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void {
    sendLog(this.#pipe, this.id, level, message, data);
  }

  settle(wish: Wish): void {
    this.#pipe.send(fromHost.settle, this.id, wish);
  }
}

/** Sends a log line of a run, or of the process itself (`id` is 0). */
export function sendLog(
  pipe: FramePipe,
  id: number,
  level: LogLevel,
  message: string,
  data?: Readonly<Record<string, unknown>>,
): void {
  const text = cutLine(message);
  if (data === undefined) return pipe.send(fromHost.log, id, [level, text]);
  // A handler may log anything, and shall not fail for it.
  try {
    pipe.send(fromHost.log, id, [level, text, pack(data)]);
  } catch (error) {
    const why = error instanceof FrameTooLong ? "(data that is too long)" : "(data that JSON cannot hold)";
    pipe.send(fromHost.log, id, [level, text, why]);
  }
}
