import { backoffDelay, pause } from "../../core/backoff.ts";
import type { Caller } from "../../core/api/context.ts";
import type { Declared } from "../../core/declared.ts";
import type { Host, Work } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { HostUnavailable } from "../../core/ports/run_errors.ts";
import { FolderLinks } from "./folder_links.ts";
import { Instance, type InstanceParts } from "./instance.ts";
import { explained } from "./explained.ts";
import { limitsOf, noLimits, type TimeLimits } from "./inspector.ts";
import { LogBudget } from "./log_budget.ts";
import { readsByName } from "./spec.ts";
import { makeState, type ProcessToStart, startProcess } from "./start_process.ts";

/** What is needed to run a function in its own processes. */
export interface ProcessHostParts extends ProcessToStart {
  readonly declared: Declared;
  readonly caller: Caller;
}

/** A run that waits for a process with room. */
interface Waiting {
  readonly work: Work;
  readonly end: (outcome: Outcome) => void;
}

// After one crash the next process starts at once. After more crashes in a row it starts later and later.
const crashBackoff = { first: 100, max: 10_000 };

/** Runs a function's messages in its own processes. Up to `instances` of them are started, when they are needed. */
export class ProcessHost implements Host {
  readonly #parts: ProcessHostParts;
  readonly #instanceParts: InstanceParts;
  readonly #instances = new Set<Instance>();
  readonly #waiting: Waiting[] = [];
  readonly #closing = new AbortController();
  readonly #ending = new Set<Promise<unknown>>();
  readonly #logs: LogBudget;
  readonly #limits: TimeLimits;
  /** The links in the functions folder, if the function may read there, and (`#links`) those that its processes know. */
  readonly #folder: FolderLinks | undefined;
  #links: readonly string[] = [];
  #starting = 0;
  /** How many processes ended or did not start since the last run that ended by itself. */
  #crashes = 0;
  /** The latest start of a process that is under way. */
  #underWay: Promise<void> | undefined;
  #onQuiet: (() => void) | undefined;
  #gaveUp = false;
  #idleSince = 0;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: ProcessHostParts) {
    const { declared: { name, settings }, caller, emit, inspection } = parts;
    this.#parts = parts;
    this.#limits = inspection ? noLimits : limitsOf(settings);
    this.#folder = readsByName(parts.declared) ? new FolderLinks(parts.declared.bounds.folder) : undefined;
    this.#logs = new LogBudget((count) =>
      emit({
        event: "notice",
        message:
          `${name}: ${count} log lines were dropped; a function may write 1000 lines or 1 MB per second`,
      })
    );
    this.#instanceParts = {
      caller,
      manual: settings.ack === "manual",
      explain: (outcome) => explained(outcome, parts.declared, parts.offLimits),
      timeout: this.#limits.run,
      outlastsCaller: inspection !== undefined,
      mayLog: (bytes) => this.#logs.take(bytes),
      log: (work, level, message, data) => {
        const given = data as Readonly<Record<string, unknown>> | undefined;
        if (work !== undefined) return work.log(level, message, given);
        emit({ event: "log", level, function: name, message, ...(given && { data: given }) });
      },
      onEnded: () => this.#ended(),
      onGone: (instance, how) => this.#gone(instance, how),
    };
  }

  run(work: Work): Promise<Outcome> {
    if (this.#folder === undefined) return this.#run(work);
    const known = this.#knowLinks().then(() => this.#run(work));
    return known.catch((error) => ({ kind: "unavailable", error }));
  }

  #run(work: Work): Promise<Outcome> {
    const instance = this.#withRoom(work);
    if (this.#isWorthAnother(instance)) this.#startAnother();
    if (instance) return instance.run(work);
    return new Promise((end) => this.#waiting.push({ work, end }));
  }

  get eager(): boolean {
    return this.#parts.inspection !== undefined;
  }

  get live(): boolean {
    return this.#instances.size > 0;
  }

  async prepare(): Promise<void> {
    if (this.#instances.size > 0) return;
    await (this.#underWay ?? this.#start());
    this.#restIfIdle();
  }

  giveUp(): void {
    for (const { end } of this.#waiting.splice(0)) end({ kind: "abandoned" });
    for (const instance of this.#instances) instance.giveUp();
    // What is not settled goes back to its queue with its channel.
    this.#gaveUp = true;
    this.#onQuiet?.();
  }

  async close(): Promise<void> {
    await this.#quiet();
    this.#closing.abort();
    clearTimeout(this.#idleTimer);
    this.#logs.flush();
    await this.#stopAll();
    await Promise.all(this.#ending);
  }

  /** The process with the fewest runs, if it has room for one more. A question for a key takes no room. */
  #withRoom({ asksKey }: Work): Instance | undefined {
    let best: Instance | undefined;
    for (const instance of this.#instances) {
      if (!best || instance.running < best.running) best = instance;
    }
    if (asksKey) return best;
    return best && best.running < this.#parts.declared.settings.concurrency ? best : undefined;
  }

  #isWorthAnother(instance: Instance | undefined): boolean {
    if (instance && instance.running === 0) return false;
    // A debugger looks at one process, so all messages come there.
    const instances = this.#parts.inspection ? 1 : this.#parts.declared.settings.instances;
    return this.#instances.size + this.#starting < instances;
  }

  /** Ends processes that were started before a link was made: they would follow it out of the folder. */
  async #knowLinks(): Promise<void> {
    const links = await this.#folder!.current();
    if (links === this.#links) return;
    this.#links = links;
    const instances = [...this.#instances];
    this.#instances.clear();
    if (instances.length === 0) return;
    const { declared: { name }, emit } = this.#parts;
    emit({
      event: "notice",
      message:
        `${name}: its process restarts, because links that lead out of the functions folder have changed`,
    });
    await Promise.all(instances.map((instance) => instance.abandon()));
  }

  #startAnother(): void {
    this.#start().catch(() => {});
  }

  #start(): Promise<void> {
    const starting = this.#startCounted().finally(() => {
      if (this.#underWay === starting) this.#underWay = undefined;
      this.#ending.delete(ended);
    });
    const ended = starting.catch(() => {});
    this.#underWay = starting;
    this.#ending.add(ended);
    return starting;
  }

  async #startCounted(): Promise<void> {
    this.#starting++;
    try {
      await this.#startInstance();
    } catch (error) {
      this.#failToStart(error);
      throw error;
    } finally {
      this.#starting--;
      this.#dispatch();
    }
  }

  async #startInstance(): Promise<void> {
    const { declared: { name, settings: { setup } }, emit } = this.#parts;
    const { signal } = this.#closing;
    if (this.#crashes > 1) await pause(backoffDelay(this.#crashes - 1, crashBackoff), signal);
    if (signal.aborted) throw new HostUnavailable("the function is stopping");
    const started = performance.now();
    if (this.#folder) await this.#knowLinks();
    const links = this.#links;
    const process = await startProcess(this.#parts, links, signal);
    if (links !== this.#links) {
      await process.close();
      return await this.#startInstance();
    }
    const instance = new Instance(process, this.#instanceParts);
    const { explain } = this.#instanceParts;
    if (setup !== undefined) await makeState(instance, { ms: this.#limits.setup, stop: signal, explain });
    emit({ event: "host-started", function: name, ms: Math.round(performance.now() - started) });
    // Added at once, because it may be gone by the next turn.
    this.#instances.add(instance);
    const ending: Promise<unknown> = instance.ended.then(() => {
      this.#ending.delete(ending);
      this.#onQuiet?.();
    });
    this.#ending.add(ending);
  }

  /** A process has ended. One that was stopped on purpose is no longer in the set. */
  #gone(instance: Instance, how: string): void {
    const { declared: { name }, emit } = this.#parts;
    if (!this.#instances.delete(instance)) return;
    this.#crashes++;
    emit({ event: "host-ended", function: name, how });
    this.#dispatch();
  }

  #failToStart(error: unknown): void {
    if (this.#instances.size > 0) {
      // Others run the messages, and nobody else says when to try again.
      this.#crashes++;
      return;
    }
    for (const { end } of this.#waiting.splice(0)) end({ kind: "unavailable", error });
  }

  #ended(): void {
    this.#crashes = 0;
    if (this.#waiting.length > 0) this.#dispatch();
    else this.#restIfIdle();
  }

  #restIfIdle(): void {
    for (const { busy } of this.#instances) if (busy) return;
    this.#onQuiet?.();
    this.#idleSince = performance.now();
    this.#idleTimer ??= setTimeout(() => this.#lookIdle(), this.#limits.idle);
  }

  /** Resolves when nothing runs. For messages that handlers must still settle, it waits as long as for a run. */
  async #quiet(): Promise<void> {
    const busy = () =>
      !this.#gaveUp &&
      (this.#waiting.length > 0 || [...this.#instances].some((instance) => instance.busy));
    if (!busy()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#limits.run);
    this.#onQuiet = () => busy() || resolve();
    await promise;
    clearTimeout(timer);
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const instance = this.#withRoom(this.#waiting[0]!.work);
      if (this.#isWorthAnother(instance)) this.#startAnother();
      if (!instance) return;
      const { work, end } = this.#waiting.shift()!;
      if (performance.now() <= (work.beginBy ?? Infinity)) {
        instance.run(work).then(end);
        continue;
      }
      // The process took so long that the run would end too late.
      end({ kind: "interrupted" });
      this.#restIfIdle();
    }
  }

  #lookIdle(): void {
    this.#idleTimer = undefined;
    for (const { busy } of this.#instances) if (busy) return;
    const left = this.#limits.idle - (performance.now() - this.#idleSince);
    if (left > 0) this.#idleTimer = setTimeout(() => this.#lookIdle(), left);
    else this.#stopAll();
  }

  async #stopAll(): Promise<void> {
    const instances = [...this.#instances];
    this.#instances.clear();
    await Promise.all(instances.map((instance) => instance.close()));
  }
}
