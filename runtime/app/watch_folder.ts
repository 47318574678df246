import { describeError } from "../core/api/errors.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Config } from "../core/api/options.ts";
import { watch } from "../discover/watch.ts";

/** The operator's file, while the runtime runs. */
export interface WatchedConfig {
  /** Absolute path of deploy.config.ts; it need not exist. */
  readonly configFile?: string;
  /** Reads it anew. Rejects if it cannot be used. */
  readonly loadConfig?: () => Promise<Config>;
}

/** What is watched, and who takes changes over. */
export interface WatchedParts extends WatchedConfig {
  readonly functions: string;
  /** What functions are made of beside the folder, by absolute path. */
  readonly further: () => Iterable<string>;
  /** What the operator's file said at the start. */
  readonly config: Config;
  readonly emit: Emit;
  /** Makes the functions be what the folder has now. */
  readonly takeOver: (config: Config) => Promise<void>;
}

/** The functions folder and the operator's file, as they change. */
export class WatchedFolder {
  readonly #parts: WatchedParts;
  #config: Config;

  constructor(parts: WatchedParts) {
    this.#parts = parts;
    this.#config = parts.config;
  }

  /** Takes over what has changed, though nobody saw it. */
  again(): void {
    this.#takeOver().catch((error) => this.#say(`A change could not be applied: ${describeError(error)}`));
  }

  /** Takes over each change until `signal` aborts. Never rejects. */
  async watch(signal: AbortSignal): Promise<void> {
    const { functions, configFile, further } = this.#parts;
    const files = () => [...configFile === undefined ? [] : [configFile], ...further()];
    // The first look tells everything that is there: what was saved since the start read it is among that.
    const onTrouble = (message: string) => this.#say(message);
    await watch({ folder: functions, files, signal, onTrouble }, async (_snapshot, changed) => {
      if (configFile !== undefined && changed.includes(configFile)) await this.#reload();
      await this.#takeOver();
    });
  }

  #takeOver(): Promise<void> {
    return this.#parts.takeOver(this.#config);
  }

  async #reload(): Promise<void> {
    const { loadConfig } = this.#parts;
    if (loadConfig === undefined) return;
    try {
      const next = await loadConfig();
      if (String(next.broker) !== String(this.#config.broker)) {
        this.#say("deploy.config.ts names another broker; restart the runtime to use it");
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
