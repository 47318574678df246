import { PortTaken } from "./errors.ts";

/** How long a listener waits that could not accept a connection. */
const retryMs = 100;

/** A listener that tries again where it cannot accept a client, as the process has no free file descriptor. */
export class Door {
  readonly #listener: Deno.TcpListener;
  readonly #done: Promise<void>;
  #trouble: Error | undefined;
  #isClosed = false;
  #isReported = false;
  #pause: { timer: ReturnType<typeof setTimeout>; over: () => void } | undefined;

  /**
   * @param report told when nobody can connect
   * @throws PortTaken where another program listens there
   */
  constructor(
    readonly hostname: string,
    port: number,
    welcome: (conn: Deno.TcpConn) => void,
    readonly report: (error: unknown) => void,
  ) {
    try {
      this.#listener = Deno.listen({ hostname, port });
    } catch (error) {
      throw error instanceof Deno.errors.AddrInUse ? new PortTaken(hostname, port, { cause: error }) : error;
    }
    this.#done = this.#accept(welcome);
  }

  /** Why nobody can connect at the moment. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    if (this.#pause) {
      clearTimeout(this.#pause.timer);
      this.#pause.over();
    }
    await this.#done;
  }

  async #accept(welcome: (conn: Deno.TcpConn) => void): Promise<void> {
    for (;;) {
      try {
        const accepted = this.#listener.accept();
        this.#trouble = undefined;
        welcome(await accepted);
        this.#isReported = false;
        // The file descriptor of a connection that made room for this one is free in the next turn of the event loop.
        await new Promise<void>((resolve) => setImmediate(resolve));
      } catch (error) {
        if (this.#isClosed) return;
        await this.#wait(error as Error);
      }
    }
  }

  async #wait(error: Error): Promise<void> {
    this.#trouble = error;
    if (!this.#isReported) {
      this.report(new Error(`No client can connect: ${error.message}`, { cause: error }));
    }
    this.#isReported = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pause = { timer: setTimeout(resolve, retryMs), over: resolve };
    await promise;
    this.#pause = undefined;
  }
}
