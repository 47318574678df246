import { describeError } from "../core/api/errors.ts";
import { StoreDown } from "../core/ports/id_server.ts";
import { within } from "../core/within.ts";

/** How to open a client of a database, and how to drop it, which waits for no answer for long. */
export interface Opening<Library, Client> {
  /** Loads the package that speaks to the database: when it is first used, and not in the time of that use. */
  load(): Promise<Library>;
  open(library: Library): Promise<Client>;
  drop(client: Client): void | Promise<void>;
  /** Waits for what it still does, and closes it. */
  close(client: Client): Promise<void>;
}

// How long anything may take, connecting included.
const limitMs = 3_000;

/**
 * A client of a database that is opened when it is first used. After anything fails or takes too long it is dropped, and
 * the next use opens another: so one that hangs holds nobody up for longer than that.
 */
export class Reopened<Library, Client> {
  readonly #opening: Opening<Library, Client>;
  readonly #shown: string;
  #library: Promise<Library> | undefined;
  #client: Promise<Client> | undefined;
  readonly #dropping = new Set<Promise<void>>();
  #closed = false;

  /** `shown` says in errors which database it is. */
  constructor(opening: Opening<Library, Client>, shown: string) {
    this.#opening = opening;
    this.#shown = shown;
  }

  /** Does work with the client. Rejects with `StoreDown` if that fails, or is not done in time. */
  async use<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new StoreDown(`${this.#shown} is closed`);
    const library = await (this.#library ??= this.#opening.load());
    const client = this.#client ??= this.#opening.open(library);
    try {
      const done = await within(limitMs, client.then(work).then((result) => ({ result })));
      if (done === "late") throw new Error(`no answer within ${limitMs / 1000} s`);
      return done.result;
    } catch (error) {
      this.#drop(client);
      throw new StoreDown(`${this.#shown}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Closes it. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    const closed = client && await within(limitMs, client.then(this.#opening.close).catch(() => {}));
    if (client && closed === "late") this.#drop(client);
    await within(limitMs, Promise.all(this.#dropping));
  }

  #drop(client: Promise<Client>): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    const dropping = client.then(this.#opening.drop).catch(() => {}).finally(() =>
      this.#dropping.delete(dropping)
    );
    this.#dropping.add(dropping);
  }
}

function reasonOf(error: unknown): string {
  // Of several addresses of one host, each has an error of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error && error.message !== "" ? error.message : describeError(error);
}
