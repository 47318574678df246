/** What a broker sent and nobody has looked at yet, and the closes among it. */

import { type Arguments, methodName, type Properties } from "./wire_methods.ts";
import { within } from "./wire_client.ts";

/** Something a broker sent: a method, with its content where it carries one. */
export type Incoming = {
  readonly name: string;
  readonly args: Arguments;
  readonly properties: Properties;
  /** The header frame as it came, for tests of the types on the wire. */
  readonly header: Uint8Array;
  readonly bytes: Uint8Array;
};

/** A close sent by the broker: its scope, reply-code, reply-text and the method it blames. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly scope: "channel" | "connection",
    readonly code: number,
    readonly text: string,
    readonly by: string,
    /** The last method this client had sent there. */
    readonly sent: string,
  ) {
    super(`${code} ${text} (${scope}, at '${by}')`);
  }
}

const INBOX_LIMIT = 100_000;

/** What came and was not looked at yet, in order. */
export class Inbox {
  readonly items: Incoming[] = [];
  #ended?: Error;
  #waiting: (() => void)[] = [];

  push(item: Incoming): void {
    if (this.items.length === INBOX_LIMIT) throw new Error(`More than ${INBOX_LIMIT} unread methods`);
    this.items.push(item);
    this.#wake();
  }

  /** Nothing more will come: whoever waits now or later gets `reason`, once the items are used up. */
  end(reason: Error): void {
    this.#ended ??= reason;
    this.#wake();
  }

  /** Removes and returns the first item that is wanted, waiting for it to come. */
  async take(wanted: (item: Incoming) => boolean, what: string): Promise<Incoming> {
    for (;;) {
      const index = this.items.findIndex(wanted);
      if (index >= 0) return this.items.splice(index, 1)[0]!;
      if (this.#ended) throw this.#ended;
      await within(new Promise<void>((resolve) => this.#waiting.push(resolve)), what);
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The close that a broker sent, as an error. */
export function refusal(scope: "channel" | "connection", { args }: Incoming, sent: string): Refused {
  const by = methodName(args.classId as number, args.methodId as number);
  return new Refused(scope, args.code as number, args.text as string, by, sent);
}
