import { HopperError } from "../api/errors.ts";

/** A database that remembers which messages were handled, for all runtimes that use it. */
export interface IdServer {
  /** Resolves if it can be read and written now. Rejects with {@linkcode StoreDown}, as all of these do, within seconds. */
  ready(): Promise<void>;
  /** Whether an id is remembered. */
  has(key: string): Promise<boolean>;
  /** Remembers an id for `ms` milliseconds. When this has resolved, the database has it. */
  add(key: string, ms: number): Promise<void>;
  /** Lets go of the connection. Never rejects. */
  close(): Promise<void>;
}

/** The kinds of such databases. */
export type IdServerKind = "redis" | "postgres";

/**
 * Opens the database whose address is in a variable of the runtime's environment. Functions with the same variable share
 * its connections. It connects when it is first asked.
 *
 * @throws {StoreAddressError} if the variable has no such address
 */
export type OpenIdServer = (kind: IdServerKind, variable: string) => IdServer;

/** The store of handled ids cannot be read or written now. */
export class StoreDown extends HopperError {
  /** `message` says which store, and what is wrong with it. */
  constructor(message: string, options?: ErrorOptions) {
    super("STORE_DOWN", message, options);
  }
}

/** The variable with a store's address is not set, or has something else. */
export class StoreAddressError extends HopperError {
  /** `message` names the variable, and never what is in it. */
  constructor(message: string) {
    super("STORE_ADDRESS", message);
  }
}
