/** A debugger, like Chrome or an editor: it talks to Deno's inspector over a WebSocket. */

import { eventually } from "./eventually.ts";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A debugger that is attached to a process until it goes out of scope. */
export class Debugger implements AsyncDisposable {
  /** The events so far. */
  readonly events: Message[] = [];
  readonly #socket: WebSocket;
  readonly #closed: Promise<unknown>;
  readonly #answers = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  #next = 0;
  #changed = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(data)));
  }

  /** Attaches to the inspector at a `ws://` address. */
  static async attach(url: string): Promise<Debugger> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error(`Nobody answers at ${url}`)));
    });
    return new Debugger(socket);
  }

  /** Calls a method, such as `Debugger.enable`, and returns its result. */
  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#next;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#answers.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }

  /** The first matching event of this kind, past or future. */
  async event(
    method: string,
    fits: (params: Record<string, unknown>) => boolean = () => true,
  ): Promise<Record<string, unknown>> {
    const found = () => this.events.find((event) => event.method === method && fits(event.params ?? {}));
    await eventually(method, () => found() !== undefined, () => this.#changed.promise, () => this.events);
    return found()!.params ?? {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#closed;
  }

  #take(message: Message): void {
    if (message.id === undefined) {
      this.events.push(message);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
      return;
    }
    const answer = this.#answers.get(message.id);
    this.#answers.delete(message.id);
    if (message.error) answer?.reject(new Error(message.error.message));
    else answer?.resolve(message.result ?? {});
  }
}
