import { PortTaken } from "./errors.ts";

/** ms until a listener that could not accept tries again. */
const RETRY = 100;

/**
 * A listener that looks after itself: where accepting fails, as the process is out of file descriptors, it tries again
 * until it can.
 */
export class Door {
  /** Why nobody can come in just now. */
  trouble: Error | undefined;
  readonly #listener: Deno.TcpListener;
  readonly #done: Promise<void>;
  #isClosed = false;
  #isReported = false;
  #pause: { timer: ReturnType<typeof setTimeout>; over: () => void } | undefined;

  /** Throws {@link PortTaken}. */
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
        this.trouble = undefined;
        welcome(await accepted);
        this.#isReported = false;
        // The descriptor of who had to go for this one is free only in the next turn of the event loop.
        await new Promise<void>((resolve) => setImmediate(resolve));
      } catch (error) {
        if (this.#isClosed) return;
        await this.#wait(error as Error);
      }
    }
  }

  async #wait(error: Error): Promise<void> {
    this.trouble = error;
    if (!this.#isReported) {
      this.report(new Error(`No client can connect: ${error.message}`, { cause: error }));
    }
    this.#isReported = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pause = { timer: setTimeout(resolve, RETRY), over: resolve };
    await promise;
    this.#pause = undefined;
  }
}
