import type { Caller, Context, Log } from "../core/context.ts";
import type { Emit, LogLevel } from "../core/events.ts";
import type { Message } from "../core/message.ts";

/** What a context is made of, beside the caller. */
export interface ContextParts {
  readonly name: string;
  readonly message: Message;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly caller: Caller;
  readonly emit: Emit;
  ack(): void;
  nack(options?: { requeue?: boolean }): void;
}

/** The context of one run. */
export function createContext(parts: ContextParts): Context {
  const { name, message, attempt, signal, caller, emit, ack, nack } = parts;
  return {
    name,
    message,
    attempt,
    signal,
    log: createLog(name, message.id, emit),
    send: caller.send,
    publish: caller.publish,
    call: caller.call,
    ack,
    nack,
  };
}

function createLog(name: string, messageId: string, emit: Emit): Log {
  const at = (level: LogLevel) => (message: string, data?: Readonly<Record<string, unknown>>) =>
    emit({ event: "log", level, function: name, messageId, message: String(message), data });
  const info = at("info");
  return Object.assign(info.bind(undefined), {
    debug: at("debug"),
    info,
    warn: at("warn"),
    error: at("error"),
  });
}
