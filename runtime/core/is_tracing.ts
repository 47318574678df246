/** Where OpenTelemetry's API keeps what traces in this process: Deno with `OTEL_DENO=true`, or an SDK. */
const registered = Symbol.for("opentelemetry.js.api.1");

/** Whether something traces in this process. */
export function isTracing(): boolean {
  const api: unknown = Reflect.get(globalThis, registered);
  return typeof api === "object" && api !== null && "trace" in api;
}
