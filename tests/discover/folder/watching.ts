/** A watcher for tests. */

import { relative } from "node:path";
import type { Folder } from "../../support/folder.ts";
import { eventually } from "../../support/eventually.ts";
import { look, Snapshot } from "../../../runtime/discover/folder/snapshot.ts";
import { type OnChange, watch, type WatchOptions } from "../../../runtime/discover/folder/watch.ts";

/** A watcher of a folder, what it has reported so far, and a way to wait for more. */
export class Watching implements AsyncDisposable {
  /** The paths of each call, relative to the folder. */
  readonly told: string[][] = [];
  readonly troubles: string[] = [];
  /** The last snapshot reported. */
  snapshot = new Snapshot();
  readonly #end = new AbortController();
  readonly #done: Promise<void>;
  #more = Promise.withResolvers<void>();

  constructor(folder: string, options: Partial<WatchOptions> = {}, onChange: OnChange = () => {}) {
    this.#done = watch({
      folder,
      // So that only hints wake it. Tests of what hints miss set it lower.
      rescanMs: 60_000,
      debounceMs: 20,
      settleMs: 10,
      ...options,
      signal: this.#end.signal,
      onTrouble: (trouble) => this.note(() => this.troubles.push(trouble)),
    }, (snapshot, changed) => {
      this.snapshot = snapshot;
      this.note(() => this.told.push(changed.map((path) => relative(folder, path))));
      return onChange(snapshot, changed);
    });
  }

  /** Waits until all these paths have been reported, in any calls. */
  async tells(...paths: string[]): Promise<void> {
    await this.until(`${paths} told`, () => paths.every((path) => this.told.flat().includes(path)));
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await eventually(what, holds, () => this.#more.promise, () => [...this.told, ...this.troubles]);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Adds something, and has every wait check its condition again. */
  note(add: () => void): void {
    add();
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }
}

/** Watches a folder whose present state is known, so that only the test's own changes are reported. */
export async function watching(
  folder: Folder,
  options: Partial<WatchOptions> = {},
  onChange?: OnChange,
): Promise<Watching> {
  const files = options.files ?? (() => []);
  const since = await look({ folder: folder.path, files: files() });
  return new Watching(folder.path, { since, ...options }, onChange);
}
