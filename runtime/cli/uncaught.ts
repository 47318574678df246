import { describeError } from "../core/api/errors.ts";
import type { Emit } from "../core/ports/events.ts";

/**
 * Logs what an inline function throws outside of its runs, for example from a timer. Without this the error would end
 * the runtime, with every other function.
 */
export function listenForUncaught(emit: Emit): { close(): void } {
  const say = (event: Event, error: unknown) => {
    event.preventDefault();
    const stack = error instanceof Error ? `\n${error.stack}` : "";
    emit({ event: "notice", message: `Thrown outside of any run: ${describeError(error)}${stack}` });
  };
  const onRejection = (event: PromiseRejectionEvent) => say(event, event.reason);
  const onError = (event: ErrorEvent) => say(event, event.error);
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    close() {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}
