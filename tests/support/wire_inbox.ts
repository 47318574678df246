/** What a broker sent and the test has not looked at yet, including closes. */

import { type Arguments, methodName, type Properties } from "./wire_methods.ts";
import { within } from "./wire_client.ts";

/** A method that a broker sent, with its content if it has one. */
export type Incoming = {
  readonly name: string;
  readonly args: Arguments;
  readonly properties: Properties;
  /** The unchanged header frame, for tests of types on the wire. */
  readonly header: Uint8Array;
  readonly bytes: Uint8Array;
};

/** A close from the broker: its scope, reply code, reply text and the method that caused it. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly scope: "channel" | "connection",
    readonly code: number,
    readonly text: string,
    readonly by: string,
    /** The last method that this client had sent there. */
    readonly sent: string,
  ) {
    super(`${code} ${text} (${scope}, at '${by}')`);
  }
}

const INBOX_LIMIT = 100_000;

/** What arrived and was not looked at yet, in order. */
export class Inbox {
  readonly items: Incoming[] = [];
  #ended?: Error;
  #waiting: (() => void)[] = [];

  push(item: Incoming): void {
    if (this.items.length === INBOX_LIMIT) throw new Error(`More than ${INBOX_LIMIT} unread methods`);
    this.items.push(item);
    this.#wake();
  }

  /** Nothing more will arrive: when the items are used up, each wait, now or later, fails with `reason`. */
  end(reason: Error): void {
    this.#ended ??= reason;
    this.#wake();
  }

  /** Waits for the first wanted item, removes it and returns it. */
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

/** A broker's close as an error. */
export function refusal(scope: "channel" | "connection", { args }: Incoming, sent: string): Refused {
  const by = methodName(args.classId as number, args.methodId as number);
  return new Refused(scope, args.code as number, args.text as string, by, sent);
}
