/** A TCP proxy before a broker, whose connections a test can cut. */
export class Proxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: { hostname: string; port: number };
  readonly #pairs = new Set<readonly [Deno.TcpConn, Deno.TcpConn]>();
  readonly #pumps = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;
  /** The broker's URL, by way of this proxy. */
  readonly url: string;

  constructor(url: string) {
    const through = new URL(url);
    this.#target = { hostname: through.hostname, port: Number(through.port) };
    through.port = String(this.#listener.addr.port);
    this.url = through.href;
    this.#accepting = this.#accept();
  }

  /** Cuts every connection, as a cable that is pulled; the next ones are let through. */
  cut(): void {
    for (const pair of this.#pairs) {
      this.#pairs.delete(pair);
      for (const end of pair) end.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    this.cut();
    await Promise.all(this.#pumps);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const broker = await Deno.connect(this.#target);
      const pair = [client, broker] as const;
      this.#pairs.add(pair);
      for (const [from, to] of [pair, [broker, client] as const]) {
        const pump = this.#pump(from, to, pair);
        this.#pumps.add(pump);
        pump.then(() => this.#pumps.delete(pump));
      }
    }
  }

  async #pump(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    pair: readonly [Deno.TcpConn, Deno.TcpConn],
  ): Promise<void> {
    await from.readable.pipeTo(to.writable).catch(() => {});
    this.#pairs.delete(pair);
  }
}
