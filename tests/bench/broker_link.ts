/** A connection of the load. It writes prepared bytes, and counts incoming frames without decoding them. */
import { concat, methodFrame, PROTOCOL_HEADER } from "../support/wire_client.ts";
import { type Arguments, encodeMethod } from "../support/wire_methods.ts";

/** The only channel of each connection. */
export const CHANNEL = 1;

const READ = 512 * 1024;

/** The length of a frame's type, channel and size. */
const HEAD = 7;
/** The length of a method and eight bytes of arguments, such as the delivery tag of basic.ack. */
const LOOKED_AT = HEAD + 4 + 8;

export class Link {
  readonly seen = new Seen();
  readonly #buffer = new Uint8Array(READ);

  private constructor(readonly conn: Deno.TcpConn) {}

  static async open(url: string): Promise<Link> {
    const { hostname, port } = new URL(url);
    const conn = await Deno.connect({ hostname, port: Number(port) });
    conn.setNoDelay(true);
    const link = new Link(conn);
    await link.write(PROTOCOL_HEADER);
    await link.expect("connection.start");
    const login = { mechanism: "PLAIN", response: "\0guest\0guest", locale: "en_US" };
    await link.write(methodFrame(0, "connection.start-ok", login));
    await link.expect("connection.tune");
    const tune = { channelMax: 1, frameMax: 131_072, heartbeat: 0 };
    await link.write(concat([
      methodFrame(0, "connection.tune-ok", tune),
      methodFrame(0, "connection.open", { virtualHost: "/" }),
    ]));
    await link.expect("connection.open-ok");
    await link.call("channel.open", {});
    return link;
  }

  async call(name: string, args: Arguments = {}): Promise<void> {
    await this.write(methodFrame(CHANNEL, name, args));
    await this.expect(`${name}-ok`);
  }

  async expect(name: string): Promise<void> {
    const [a, b, c, d] = encodeMethod(name);
    const method = (a! << 24 | b! << 16 | c! << 8 | d!) >>> 0;
    await this.readUntil(() => this.seen.method === method);
  }

  async readUntil(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) await this.read();
  }

  /** Takes the bytes that have arrived, or waits for some. */
  async read(): Promise<void> {
    const size = await this.conn.read(this.#buffer);
    if (size === null) throw new Error("The broker closed the connection");
    this.seen.add(this.#buffer.subarray(0, size));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.conn.write(bytes.subarray(at));
  }

  close(): void {
    this.conn.close();
  }
}

/** What has arrived on a connection, by the heads of its frames. */
export class Seen {
  delivered = 0;
  /** The last confirmed publish. */
  confirmed = 0;
  /** The last method of another kind. */
  method = 0;
  #rest = new Uint8Array(0);
  /** How many bytes are left of a frame whose head was read. */
  #skip = 0;

  add(chunk: Uint8Array): void {
    const bytes = this.#rest.length > 0 ? concat([this.#rest, chunk]) : chunk;
    let at = this.#skip;
    while (at + HEAD <= bytes.length) {
      const size = bytes[at + 3]! << 24 | bytes[at + 4]! << 16 | bytes[at + 5]! << 8 | bytes[at + 6]!;
      const isMethod = bytes[at] === 1;
      if (isMethod && at + Math.min(LOOKED_AT, HEAD + size) > bytes.length) break;
      if (isMethod) this.#method(bytes, at + HEAD);
      at += HEAD + size + 1;
    }
    this.#skip = Math.max(0, at - bytes.length);
    this.#rest = at < bytes.length ? bytes.slice(at) : this.#rest.subarray(0, 0);
  }

  #method(bytes: Uint8Array, at: number): void {
    const method = (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
    if (method === DELIVER) this.delivered++;
    else if (method === ACK) {
      let tag = 0;
      for (let i = at + 4; i < at + 12; i++) tag = tag * 256 + bytes[i]!;
      this.confirmed = Math.max(this.confirmed, tag);
    } else this.method = method;
  }
}

const DELIVER = 60 << 16 | 60;
const ACK = 60 << 16 | 80;
