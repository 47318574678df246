import type { Config } from "../core/api/options.ts";
import type { Declared } from "../core/declared.ts";
import type { Events } from "../core/ports/events.ts";
import type { Inspection } from "../core/ports/inspection.ts";
import type { Catalog } from "../discover/catalog.ts";
import type { Selection } from "../discover/selection.ts";
import type { Operations } from "../observe/api/operations.ts";
import type { WatchedConfig } from "./watch_folder.ts";

/** What an app is started with. */
export interface AppOptions {
  /** The folder of function files. */
  readonly functions: string;
  /** The part of the folder that is served. Default: everything. */
  readonly selection?: Selection;
  /** AMQP URL of the broker, or the URLs of its nodes with commas between them. */
  readonly broker: string;
  readonly config?: Config;
  /** Where to say what happens. */
  readonly events?: Events;
  /** Folder for what shall survive a restart. Default: `.hopper`. */
  readonly data?: string;
  /** Takes over changes of the folder, and of deploy.config.ts where that is named. Default: what is there at the start. */
  readonly watch?: WatchedConfig;
  /**
   * The release of Hopper, for which what files declare is remembered in `data`, so that those that did not change need
   * not be read at the next start. Default: nothing is remembered.
   */
  readonly release?: string;
  /** Files that no function may import, such as deploy.config.ts by another name; by absolute path. */
  readonly secret?: readonly string[];
  /** Where the runtime's admin API listens, which functions are kept from as they are from the broker. */
  readonly admin?: { readonly hostname: string; readonly port: number };
  /** The function that runs under the inspector, so that a debugger can be attached. Default: none. */
  readonly inspection?: Inspection;
  /** Milliseconds between two looks at exchanges and bindings, which somebody may have taken away. Default: 30,000. */
  readonly upkeepMs?: number;
  /** Milliseconds that the start waits for files that are still being loaded; they go live later. Default: 3,000. */
  readonly loadMs?: number;
  /** Milliseconds that runs get to finish when the app stops. Default: 30,000. */
  readonly drainMs?: number;
}

/** A running set of functions. */
export interface App {
  readonly catalog: Catalog;
  /** The broker's address without its password. */
  readonly broker: string;
  /** Resolves with the milliseconds it took to attach every function (or have it refused), or with `undefined`
   * if the app was stopped before that. */
  readonly ready: Promise<number | undefined>;
  /** The functions that get messages now, each as it runs. */
  readonly serving: readonly Declared[];
  /** What keeps the app from being ready; empty when it is. A function that has paused itself is not among it. */
  missing(): string[];
  /** The functions that have paused, as their runs keep failing. */
  paused(): string[];
  /** What functions published and no queue took, where that is no error: how much, by function and exchange. */
  unrouted(): readonly string[];
  /** What operators see of it and do with it. */
  readonly operations: Operations;
  /** Cancels, finishes what is in flight, settles, closes. */
  stop(): Promise<void>;
}
