import { nextTick } from "node:process";
import type { Writable } from "node:stream";

/**
 * Sends everything that is written to a socket in one turn of the event loop together. amqplib writes frame by frame, and
 * one system call per frame would cost more than everything else for a small message.
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
