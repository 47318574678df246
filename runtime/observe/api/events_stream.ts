import type { Event, Events } from "../../core/ports/events.ts";
import { lineTime } from "../line_time.ts";
import { formatJson } from "../log.ts";

/** Which events a reader wants. */
export interface StreamQuery {
  readonly function: string | undefined;
  readonly only: ReadonlySet<string> | undefined;
  /** Whether it may see what handlers log, and errors' stacks. */
  readonly trusted: boolean;
}

/** How much may wait for a reader before it is dropped, in bytes. */
const maxWaiting = 1024 * 1024;

/** Milliseconds between two comments that keep proxies from closing a silent stream. */
const pingMs = 15_000;

/**
 * Events as server-sent events. A reader that does not read is never waited for: when too much waits for it, its
 * stream ends.
 */
export function eventStream(events: Events, query: StreamQuery): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const time = lineTime("iso");
  let off = () => {};
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => {
    off();
    clearInterval(timer);
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      const write = (text: string) => {
        controller.enqueue(encoder.encode(text));
        if ((controller.desiredSize ?? 0) > -maxWaiting) return;
        stop();
        controller.close();
      };
      off = events.on((event) => {
        if (!isWanted(event, query)) return;
        write(`event: ${event.event}\ndata: ${lineOf(event, query.trusted, time(Date.now()))}\n\n`);
      });
      timer = setInterval(() => write(": ping\n\n"), pingMs);
      write(": hopper\n\n");
    },
    cancel: stop,
  }, { highWaterMark: 16 * 1024, size: (chunk) => chunk.length });
}

function isWanted(event: Event, { function: name, only }: StreamQuery): boolean {
  if (only !== undefined && !only.has(event.event)) return false;
  return name === undefined || "function" in event && event.function === name;
}

function lineOf(event: Event, trusted: boolean, time: string): string {
  if (trusted) return formatJson(event, time);
  if (event.event === "log") return formatJson({ ...event, message: "(hidden)", data: undefined }, time);
  return formatJson("stack" in event ? { ...event, stack: undefined } : event, time);
}
