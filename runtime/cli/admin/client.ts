import { isLoopback } from "../../core/address.ts";
import { describeError, HopperError } from "../../core/api/errors.ts";
import { isRecord } from "../../core/values.ts";
import { startHere } from "../started_as.ts";
import type { AdminAt } from "./address.ts";
import { eventsOf, type ServerEvent } from "./server_events.ts";

/** What a request asks besides its path: missing values are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** How long a runtime may take to answer, in milliseconds. */
const answerMs = 10_000;

/** A client of a runtime's admin API. Its errors say what to do. */
export class AdminClient implements Disposable {
  readonly at: AdminAt;
  // One of its own, so that its connections end with it.
  readonly #http = Deno.createHttpClient({});

  constructor(at: AdminAt) {
    this.at = at;
  }

  /** Closes its connections. */
  [Symbol.dispose](): void {
    this.#http.close();
  }

  /** `T` is what `views.ts` says of the path. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return await this.#ask("GET", `${path}${search(query)}`) as T;
  }

  /** `body` is JSON. */
  async post<T>(path: string, body = "{}"): Promise<T> {
    return await this.#ask("POST", path, body) as T;
  }

  /** The runtime's events from now on. They end when the runtime ends the stream, with an error if it just goes away. */
  async events(query: Query): Promise<AsyncGenerator<ServerEvent>> {
    // Only the answer has a time limit, not the stream.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException("Too late", "TimeoutError")), answerMs);
    const accept = "text/event-stream";
    try {
      const { body } = await this.#fetch("GET", `/api/events${search(query)}`, { accept }, late.signal);
      return eventsOf(body!);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(method: string, path: string, body?: string): Promise<unknown> {
    const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const response = await this.#fetch(method, path, headers, AbortSignal.timeout(answerMs), body);
    try {
      return await response.json();
    } catch (error) {
      throw error instanceof SyntaxError ? this.#foreign(response) : this.#unreachable(error);
    }
  }

  async #fetch(
    method: string,
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    body?: string,
  ): Promise<Response> {
    const { origin, token } = this.at;
    const authorization: Record<string, string> = token === undefined
      ? {}
      : { authorization: `Bearer ${token}` };
    let response: Response;
    try {
      response = await fetch(`${origin}${path}`, {
        method,
        headers: { accept: "application/json", ...headers, ...authorization },
        body,
        signal,
        redirect: "manual",
        client: this.#http,
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
    if (response.ok) return response;
    throw await this.#refused(response);
  }

  #unreachable(error: unknown): HopperError {
    const { origin, source } = this.at;
    const late = error instanceof DOMException && error.name === "TimeoutError";
    const why = late ? `it did not answer within ${answerMs / 1000} s` : describeError(error);
    const named = source === "default" ? "" : ` (${source})`;
    const start = startHere(Deno.cwd());
    return new HopperError(
      "NO_RUNTIME",
      `No runtime answers at ${origin}${named}: start one with '${start} run', or say where one is: ` +
        `--admin URL, or HOPPER_ADMIN_URL (${why}${proxyHint(origin)})`,
      { cause: error },
    );
  }

  async #refused(response: Response): Promise<HopperError> {
    const { origin, token } = this.at;
    const problem = await problemOf(response);
    if (response.status === 401) {
      const said = token === undefined ? "needs its token" : "does not know this token";
      return new HopperError(
        "ADMIN_TOKEN",
        `The runtime at ${origin} ${said}: it is in the address of the page that the runtime prints when it ` +
          `starts (?token=…); give it as HOPPER_ADMIN_TOKEN, or run the command in the folder of the runtime`,
      );
    }
    if (response.status === 404 && problem !== undefined) return new HopperError("NOT_FOUND", problem);
    return problem === undefined ? this.#foreign(response) : new HopperError("ADMIN", problem);
  }

  /** The error for an answer that Hopper does not give. */
  #foreign({ status, headers }: Response): HopperError {
    const from = headers.get("server") ?? headers.get("content-type") ?? "without content";
    return new HopperError(
      "ADMIN",
      `${this.at.origin} answered ${status} (${from}), which is no answer of Hopper's admin API`,
    );
  }
}

/** Names the usual reason why a runtime on this machine is not found; empty if it is none. */
function proxyHint(origin: string): string {
  const proxy = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].find((name) => Deno.env.get(name));
  const { hostname } = new URL(origin);
  if (proxy === undefined || !isLoopback(hostname.replace(/^\[|\]$/g, ""))) return "";
  return `; ${proxy} is set: does NO_PROXY have ${hostname}?`;
}

/** The text of an error as RFC 9457 has it; `undefined` if it is none. */
async function problemOf(response: Response): Promise<string | undefined> {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  const problem: unknown = await response.json().catch(() => undefined);
  if (!isProblem || !isRecord(problem)) return undefined;
  const { title, detail } = problem;
  return [detail, title].find((part): part is string => typeof part === "string" && part !== "");
}

function search(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const params = new URLSearchParams(given.map(([name, value]) => [name, `${value}`]));
  return params.size === 0 ? "" : `?${params}`;
}
