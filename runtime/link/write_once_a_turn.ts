import { nextTick } from "node:process";
import type { Writable } from "node:stream";

/**
 * Has everything that is written to a socket within one turn of the event loop go out together: amqplib writes frame by
 * frame, and a system call a frame costs more than all else that is done for a small message.
 */
export function writeOnceATurn(stream: Writable): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  const uncork = () => stream.uncork();
  stream.write = (...args: unknown[]) => {
    if (stream.writableCorked === 0) {
      stream.cork();
      nextTick(uncork);
    }
    return write(...args);
  };
}
