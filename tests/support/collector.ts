/** A collector of traces, as OpenTelemetry sends them: OTLP over HTTP, as JSON. */

import { eventually } from "./eventually.ts";

/** A span that was sent to the collector. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** The ids of the spans that it links to. */
  readonly links: readonly string[];
  readonly failed: boolean;
}

const kinds = ["internal", "internal", "server", "client", "producer", "consumer"] as const;

/** A running collector. It is closed when it goes out of scope. */
export class Collector implements AsyncDisposable {
  /** What a process needs in its environment to send its spans here, soon after they end. */
  readonly env: Readonly<Record<string, string>>;
  readonly spans: CollectedSpan[] = [];
  /** Everything that was sent here, also logs and metrics, as text. */
  readonly received: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #changed = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#take(request),
    );
    this.env = {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_BSP_SCHEDULE_DELAY: "100",
    };
  }

  /** The first span with this name, past or future. */
  async span(name: string): Promise<CollectedSpan> {
    return (await this.named(name, 1))[0]!;
  }

  /** The first `count` spans with this name, past or future, in the order in which they began to be known. */
  async named(name: string, count: number): Promise<CollectedSpan[]> {
    const found = () => this.spans.filter((span) => span.name === name);
    await eventually(
      `${count} spans '${name}'`,
      () => found().length >= count,
      () => this.#changed.promise,
      () => this.spans.map((span) => `${span.traceId} ${span.name}`),
    );
    return found().slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #take(request: Request): Promise<Response> {
    const text = await request.text();
    this.received.push(text);
    if (new URL(request.url).pathname === "/v1/traces") {
      this.spans.push(...spansIn(JSON.parse(text)));
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
    return Response.json({});
  }
}

// deno-lint-ignore no-explicit-any -- the shape is OpenTelemetry's, documented there
function spansIn(body: any): CollectedSpan[] {
  // deno-lint-ignore no-explicit-any
  const all = (lists: any[] | undefined, name: string) => (lists ?? []).flatMap((one) => one[name] ?? []);
  return all(all(body.resourceSpans, "scopeSpans"), "spans").map((span) => ({
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? "",
    name: span.name,
    kind: kinds[span.kind]!,
    attributes: Object.fromEntries(
      // deno-lint-ignore no-explicit-any
      (span.attributes ?? []).map(({ key, value }: any) => [key, valueOf(value)]),
    ),
    links: (span.links ?? []).map(({ spanId }: { spanId: string }) => spanId),
    failed: span.status?.code === 2,
  }));
}

function valueOf(value: Record<string, string | number | boolean>): string | number | boolean {
  const [[kind, plain] = []] = Object.entries(value);
  return kind === "intValue" ? Number(plain) : plain!;
}
