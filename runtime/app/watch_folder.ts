import { isDeepStrictEqual } from "node:util";
import { describeError } from "../core/api/errors.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Config } from "../core/api/options.ts";
import type { Snapshot } from "../discover/folder/snapshot.ts";
import { watch } from "../discover/folder/watch.ts";

/** The operator's file, while the runtime runs. */
export interface WatchedConfig {
  /** Absolute path of deploy.config.ts; it need not exist. */
  readonly configFile?: string;
  /** Reads it again. Rejects if it cannot be used. */
  readonly loadConfig?: () => Promise<Config>;
}

/** What is watched, and who takes changes over. */
export interface WatchedParts extends WatchedConfig {
  readonly functions: string;
  /** Further files to watch, by absolute path; deploy.config.ts is one of them if it is watched. */
  readonly further: () => Iterable<string>;
  /** What the operator's file said at the start. */
  readonly config: Config;
  readonly emit: Emit;
  /** Makes the functions be what the folder has now, or had in a snapshot. */
  readonly takeOver: (config: Config, snapshot?: Snapshot) => Promise<void>;
}

/** The functions folder and the operator's file, as they change. */
export class WatchedFolder {
  readonly #parts: WatchedParts;
  #config: Config;

  constructor(parts: WatchedParts) {
    this.#parts = parts;
    this.#config = parts.config;
  }

  /** Reads the folder again, though nobody saw a change of it. */
  again(): void {
    this.#parts.takeOver(this.#config)
      .catch((error) => this.#say(`A change could not be applied: ${describeError(error)}`));
  }

  /** Takes over each change since a snapshot until `signal` aborts. Never rejects. */
  async watch(since: Snapshot, signal: AbortSignal): Promise<void> {
    const { functions, configFile, further, takeOver } = this.#parts;
    const onTrouble = (message: string) => this.#say(message);
    await watch(
      { folder: functions, files: further, since, signal, onTrouble },
      async (snapshot, changed) => {
        if (configFile !== undefined && changed.includes(configFile)) await this.#reload();
        await takeOver(this.#config, snapshot);
      },
    );
  }

  async #reload(): Promise<void> {
    const { loadConfig } = this.#parts;
    if (loadConfig === undefined) return;
    try {
      const next = await loadConfig();
      if (String(next.broker) !== String(this.#config.broker)) {
        this.#say("deploy.config.ts names another broker; restart the runtime to use it");
      }
      if (!isDeepStrictEqual(next.http, this.#config.http)) {
        this.#say("deploy.config.ts changes what is open over HTTP; restart the runtime to use it");
      }
      this.#config = next;
    } catch (error) {
      this.#say(`The change to deploy.config.ts is not applied: ${describeError(error)}`);
    }
  }

  #say(message: string): void {
    this.#parts.emit({ event: "notice", message });
  }
}
