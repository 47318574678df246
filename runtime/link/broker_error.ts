import { BrokerError } from "../core/ports/amqp_errors.ts";

/** Reads an `amqplib` error: the broker's reply code and text if the broker sent it, else the error's own message. */
export function readError(error: unknown): { replyCode: number | undefined; reason: string } {
  const message = error instanceof Error ? error.message : String(error);
  // amqplib writes: Operation failed: QueueDeclare; 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - …"
  const [, code, text] = /(\d{3}) \([A-Z-]+\) with message "(.*)"/s.exec(message) ?? [];
  return code === undefined ? { replyCode: undefined, reason: message || String(error) } : {
    replyCode: Number(code),
    reason: text!,
  };
}

/** Why a channel was closed: by the broker, because of something sent on it, or together with its connection. */
export interface ChannelClose {
  readonly by: "broker" | "link";
  readonly reason: string;
}

/** Reads the end of a channel from an error on it. */
export function readClose(error: unknown): ChannelClose {
  const { replyCode, reason } = readError(error);
  return { by: replyCode === undefined ? "link" : "broker", reason };
}

/** Converts an `amqplib` error: to a `BrokerError` if the broker sent it. */
export function toBrokerError(error: unknown): Error {
  const { replyCode, reason } = readError(error);
  if (replyCode !== undefined) return new BrokerError(replyCode, reason, { cause: error });
  return error instanceof Error ? error : new Error(reason);
}

/** Waits for the broker's reply. Rejects with a `BrokerError` if it refuses. */
export async function asked<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw toBrokerError(error);
  }
}
