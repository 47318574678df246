import { readFile } from "node:fs/promises";
import amqp from "amqplib";
import type { Channel, ChannelEnd, Connection } from "../core/ports/amqp.ts";
import { describeError } from "../core/api/errors.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { framesOf, noteSent, streamOf } from "./amqplib_internals.ts";
import { readError, toBrokerError } from "./broker_error.ts";
import { CallChannel, type CallListener } from "./call_channel.ts";
import { AmqpChannel } from "./channel.ts";
import { ConfirmChannel } from "./confirm_channel.ts";
import { InspectChannel } from "./inspect_channel.ts";
import { readContentHeaders } from "./incoming_headers.ts";
import { Outbox } from "./outbox.ts";
import type { Address, TlsFiles } from "./uri.ts";

// RabbitMQ's own default. With amqplib's larger limit, damaged data could look like the header of a frame of up to 64 MB.
// amqplib would then wait for it, read the heartbeats as a part of it, and nobody would notice.
const maxFrame = 131_072;

/** One connection over amqplib, until it closes. */
export class AmqpConnection implements Connection {
  readonly #model: amqp.ChannelModel;
  readonly #outbox: Outbox;
  readonly #address: Address;
  readonly #name: string;
  #apart: Promise<unknown> = Promise.resolve();
  #blocked: string | undefined;
  #open = true;
  /** Resolves, with the reason, when the connection is closed from either side. */
  readonly closed: Promise<string>;
  /** The same, with the broker's reply code if the broker closed it and said why. */
  readonly end: Promise<ChannelEnd>;

  private constructor(model: amqp.ChannelModel, address: Address, name: string) {
    this.#model = model;
    this.#address = address;
    this.#name = name;
    let end: ChannelEnd = { replyCode: undefined, reason: "Closed" };
    this.#outbox = new Outbox(streamOf(model), () => noteSent(model));
    readContentHeaders(framesOf(model));
    // Every function's channel adds a listener, so there can be many.
    model.setMaxListeners(0);
    model.on("blocked", (why) => this.#blocked = why);
    model.on("unblocked", () => this.#blocked = undefined);
    model.on("error", (error) => end = readError(error));
    model.on("handler-error", (error) => end = readError(error));
    this.end = new Promise((resolve) => {
      model.on("close", (error) => {
        this.#open = false;
        resolve(error === undefined ? end : readError(error));
      });
    });
    this.closed = this.end.then(({ reason }) => reason);
  }

  /**
   * Tries to connect once. `name` is the connection's name in the broker's tools. Rejects with `BrokerError` if the
   * broker refuses, else with the socket's error.
   */
  static async open(address: Address, name: string): Promise<AmqpConnection> {
    const { tls, hostname, port, username, password, vhost, heartbeat, channelMax } = address;
    try {
      const model = await amqp.connect(
        {
          protocol: tls ? "amqps" : "amqp",
          hostname,
          port,
          username,
          password,
          vhost: encodeURIComponent(vhost),
          heartbeat,
          channelMax,
          frameMax: maxFrame,
          maxFrameSize: maxFrame,
        },
        {
          noDelay: true,
          timeout: address.connectTimeout,
          clientProperties: { connection_name: name },
          ...await readFiles(address.files),
        },
      );
      return new AmqpConnection(model, address, name);
    } catch (error) {
      throw refusedVhost(error, address) ?? refusedLogin(toBrokerError(error), address);
    }
  }

  /** Whether it can still be used. */
  get open(): boolean {
    return this.#open;
  }

  /** Why the broker accepts no messages on this connection now; `undefined` if it does. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  openChannel(): Promise<Channel> {
    return AmqpChannel.open(this.#model, this.#outbox);
  }

  openConfirmChannel(): Promise<ConfirmChannel> {
    return ConfirmChannel.open(this.#model, this.#outbox);
  }

  openCallChannel(listener: CallListener): Promise<CallChannel> {
    return CallChannel.open(this.#model, this.#outbox, listener);
  }

  openInspectChannel(): Promise<InspectChannel> {
    return InspectChannel.open(this.#model);
  }

  apart<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const working = this.#apart.then(() => this.#workApart(work));
    this.#apart = working.catch(() => {});
    return working;
  }

  async #workApart<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await AmqpConnection.open(this.#address, `${this.#name} (apart)`);
    try {
      return await work(connection);
    } catch (error) {
      if (connection.open) throw error;
      const { replyCode, reason } = await connection.end;
      throw replyCode === undefined ? error : new BrokerError(replyCode, reason, { cause: error });
    } finally {
      await connection.close();
    }
  }

  /** Closes the connection. Close its channels first, or their buffered acknowledgements are lost. */
  async close(): Promise<void> {
    await this.#model.close().catch(() => {});
    await this.closed;
  }
}

// Read again for each connection, because certificates are renewed while a program runs.
async function readFiles(files: TlsFiles): Promise<Record<string, string>> {
  const read = Object.entries(files).map(async ([kind, path]: [string, string]) => {
    try {
      return [kind, await readFile(path, "utf8")] as const;
    } catch (error) {
      // Node's text names its own code, the system call and the path once more.
      const why = describeError(error).replace(/^Error: \w+: (.*), \w+ '.*'$/s, "$1");
      throw new Error(`The file '${path}', which is named in the broker's address, cannot be read: ${why}`);
    }
  });
  return Object.fromEntries(await Promise.all(read));
}

// The broker's own text names a login mechanism, which would not help the user.
function refusedLogin(error: Error, { username }: Address): Error {
  if (!(error instanceof BrokerError) || error.replyCode !== 403) return error;
  const text =
    `ACCESS_REFUSED - the login of user '${username}' was refused; check the user and the password`;
  return new BrokerError(403, text, { cause: error });
}

// amqplib does not pass on the broker's text when it refuses the virtual host.
function refusedVhost(error: unknown, { vhost, username }: Address): BrokerError | undefined {
  if (!(error instanceof Error) || !error.message.startsWith("Expected ConnectionOpenOk; got")) {
    return undefined;
  }
  const text = `NOT_ALLOWED - vhost '${vhost}' does not exist, or user '${username}' may not use it`;
  return new BrokerError(530, text, { cause: error });
}
