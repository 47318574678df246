import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpLimits } from "./limits.ts";
import { type Refusal, refusalText, refuse, tooLarge } from "./refusal.ts";
import { toRequest } from "./request.ts";
import { writeResponse } from "./response.ts";
import type { AcceptedSocket } from "./socket.ts";

/** Answers a request. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** What `node:http` read: a request, and where its answer goes. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Asks the client for the body, if it waits to be asked. */
  readonly askForBody: () => void;
}

// Requests that a client sent before it had the answers of earlier ones.
const maxWaiting = 64;

/** The requests of one connection, which are answered one after the other. */
export class Connection {
  readonly #socket: AcceptedSocket;
  readonly #answer: Answer;
  readonly #limits: HttpLimits;
  #latest: IncomingMessage | undefined;
  /** Aborts for the request that is being answered. */
  #current: AbortController | undefined;
  #waiting = 0;
  #isStreaming = false;
  #last: Promise<void> = Promise.resolve();

  constructor(socket: AcceptedSocket, answer: Answer, limits: HttpLimits) {
    this.#socket = socket;
    this.#answer = answer;
    this.#limits = limits;
    socket.once("close", () => this.#current?.abort(gone()));
    socket.expireIn(limits.idleMs);
  }

  /** Whether it waits for a request. */
  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** Whether it sends an answer whose end is not known. */
  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  /** Resolves when the answers to all its requests so far are written or given up. */
  get answered(): Promise<void> {
    return this.#last;
  }

  /** Answers a request when its turn comes. */
  take(exchange: Exchange): void {
    if (++this.#waiting > maxWaiting) return this.close();
    this.#latest = exchange.incoming;
    this.#last = this.#last.then(() => this.#serve(exchange)).catch(() => this.close()).then(() => {
      if (--this.#waiting === 0) this.#socket.expireIn(this.#limits.idleMs);
    });
  }

  /** Answers the requests it has, refuses what came after them, and closes. A request that has begun cannot be answered. */
  refuse(refusal: Refusal): void {
    if (this.#latest?.complete === false) return this.close();
    this.#socket.ignoreInput();
    this.#last = this.#last.then(() => {
      if (!this.#socket.writable) return;
      this.#socket.write(refusalText(refusal));
      this.#socket.destroySoon();
    });
  }

  /** Closes it at once. */
  close(): void {
    this.#socket.destroy();
  }

  async #serve({ incoming, outgoing, askForBody }: Exchange): Promise<void> {
    if (this.#socket.destroyed) return;
    const { signal } = this.#current = new AbortController();
    this.#socket.expireIn(this.#limits.requestMs);
    const received = toRequest(incoming, { limits: this.#limits, signal, askForBody });
    let answer = received.kind === "refused"
      ? refuse(received.refusal)
      : await this.#answerTo(received.request, signal);
    if (received.kind === "request" && received.body.isTooLarge) {
      await answer?.body?.cancel();
      answer = refuse(tooLarge(this.#limits.body));
    }
    if (answer === undefined) return;
    await writeResponse(outgoing, answer, { signal, onStream: () => this.#stream() });
    this.#isStreaming = false;
  }

  #stream(): void {
    this.#isStreaming = true;
    this.#socket.expireIn(undefined);
  }

  /** The answer, or `undefined` if the client is gone before there is one. */
  async #answerTo(request: Request, signal: AbortSignal): Promise<Response | undefined> {
    const { promise: left, resolve } = Promise.withResolvers<undefined>();
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
    const answering = (async () => await this.#answer(request))().catch(() => refuse(failed));
    const answer = await Promise.race([answering, left]);
    if (answer === undefined) answering.then((late) => late.body?.cancel()).catch(() => {});
    return answer;
  }
}

const failed = { status: 500, code: "INTERNAL", detail: "The request could not be answered" };

function gone(): Error {
  return new Deno.errors.ConnectionAborted("The client closed the connection, or a limit did");
}
