/**
 * Who may do what over HTTP. What is not written is denied, with one exception: without `http` in deploy.config.ts, and
 * where only this machine can connect, everybody may call the rpcs of the functions folder.
 */
export interface HttpConfig {
  /** Clients with a token, by a name of your choice. */
  readonly tokens?: Readonly<Record<string, HttpClient>>;
  /** What may be done without a token. @default nothing */
  readonly anonymous?: HttpRights;
  /** How many requests may be under way at the same time; one more is answered with 429. @default 100 */
  readonly inFlight?: number;
  /** The most bytes of a request's body; more is answered with 413. @default 1048576 */
  readonly maxBody?: number;
}

/** What may be done over HTTP. */
export interface HttpRights {
  /**
   * The rpcs that may be called: names, and globs for those of the functions folder, such as `"orders.*"`. An rpc that
   * another runtime serves needs its whole name.
   */
  readonly call?: readonly string[];
  /** The queues that may be sent to: names or globs. */
  readonly send?: readonly string[];
  /** The exchanges and keys that may be published to, as `EXCHANGE/KEY`, each a name or glob: `"events/order.*"`. */
  readonly publish?: readonly string[];
}

/** A client with a token, and what it may do. */
export interface HttpClient extends HttpRights {
  /** The runtime's variable that has the token: at least 16 characters. */
  readonly env: string;
}
