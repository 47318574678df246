/** Kinds of frames that the runtime sends to a function's process. */
export const toHost = {
  /** Load a file; the frame's number names the request. */
  load: 1,
  /** Run a message; the frame's number names the run from here on. */
  run: 2,
  /** A run must end. */
  abort: 3,
  /** The answer to what a handler asked for. */
  answer: 4,
  /** Read what a file declares; the frame's number names the request. */
  read: 5,
  /** Run the function's setup, in so many milliseconds. */
  setUp: 6,
  /** Dispose of what the setup returned. */
  tearDown: 7,
  /** Call the function's `onExhausted`: like `run`, with the error before the head of `run`. */
  exhausted: 8,
  /** A message of a batch: like `run`, but it waits for `batch`. */
  item: 9,
  /** Run the batch whose messages came in the frames `item` with the same number. */
  batch: 10,
  /** Call the function that gives a message's key: like `run`. */
  key: 11,
} as const;

/** Kinds of frames that a function's process sends to the runtime. */
export const fromHost = {
  /** The result of loading or reading. */
  loaded: 1,
  /** A run has ended. */
  ended: 2,
  /** A handler wants to send, publish or call; the frame's number names the request. */
  ask: 3,
  /** A handler no longer waits for the answer. */
  forget: 4,
  /** A log line of a run. */
  log: 5,
  /** A handler settles its message. */
  settle: 6,
  /** The process confirms that a run must end, so it is not stuck. */
  aborting: 7,
  /** An error was not caught, and the process ends. */
  fatal: 8,
  /** The setup has ended; the head is the error, if there was one. */
  setUp: 9,
  /** What the setup returned is disposed of; the head is the error, if there was one. */
  tornDown: 10,
  /** A message of a batch has ended otherwise than the batch: its index, and the head of `ended`. */
  itemEnded: 11,
} as const;

/** A module that deploy.config.ts names in `use`. */
export interface MiddlewareModule {
  /** Its path as shown to people. */
  readonly name: string;
  /** Its URL. */
  readonly url: string;
}

/** The head of `load`. */
export interface LoadHead {
  /** The function's name. */
  readonly name: string;
  /** The file's path as shown to people. */
  readonly file: string;
  /** The file's URL. */
  readonly entry: string;
  /** What is around the function, the outermost first. */
  readonly use: readonly MiddlewareModule[];
  /** The environment variables that it may read. */
  readonly values: Readonly<Record<string, string>>;
  /** The function's `memory` setting, in megabytes. */
  readonly memory: number;
  /** How many milliseconds it may take to load, if not as many as usual. */
  readonly ms?: number;
}

/** The head of `read`. */
export interface ReadHead {
  /** The file's path as shown to people. */
  readonly file: string;
  /** The file's URL. */
  readonly entry: string;
  /** What is around the function, the outermost first. */
  readonly use: readonly MiddlewareModule[];
  /** The absolute paths of the files that may be read to load it. */
  readonly modules: readonly string[];
  /** The facts about the system that it may read. */
  readonly sys: true | readonly string[];
  /** Whether it may load native code, and read every file. */
  readonly native: boolean;
  /** The environment variables that it sees. */
  readonly values: Readonly<Record<string, string>>;
  /** Packages whose places it must report. */
  readonly packages: readonly string[];
}

/** The head of `ask`. */
export type AskHead =
  | {
    readonly run: number;
    readonly op: "send";
    readonly to: readonly [queue: string];
    readonly options: unknown;
  }
  | {
    readonly run: number;
    readonly op: "publish";
    readonly to: readonly [exchange: string, routingKey: string];
    readonly options: unknown;
  }
  | {
    readonly run: number;
    readonly op: "call";
    readonly to: readonly [name: string];
    readonly options: unknown;
  }
  | {
    readonly run: number;
    readonly op: "cancel";
    readonly to: readonly [id: string];
    readonly options: unknown;
  };
