import { isDeepStrictEqual } from "node:util";
import type { Declared } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import type { Generation, Generations } from "./generation.ts";

/** A function that is deployed. One generation serves it, and changes are applied one after the other. */
export class LiveFunction {
  readonly name: string;
  readonly #generations: Generations;
  readonly #emit: Emit;
  #current: Generation | undefined;
  /** Other generations: the next one until it is attached, and earlier ones that finish their runs. */
  readonly #beside = new Set<Generation>();
  /** What is to serve; `undefined` once the file is gone. */
  #target: Declared | undefined;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(name: string, generations: Generations, emit: Emit) {
    this.name = name;
    this.#generations = generations;
    this.#emit = emit;
  }

  /** The generation that serves. */
  get current(): Generation | undefined {
    return this.#current;
  }

  /** Every generation that may have messages. */
  get generations(): readonly Generation[] {
    return [...(this.#current ? [this.#current] : []), ...this.#beside];
  }

  /** Starts to serve when the runtime starts, silently and without a process unless it is eager, as many functions do so at once. */
  begin(declared: Declared): void {
    this.#target = declared;
    const { host, served } = this.#current = this.#generations.start(declared);
    if (host.eager) served.availability.prepare().catch(() => {});
  }

  /** Sets what is to serve from now on. Resolves when it does, or when a later target does. */
  async become(target: Declared | undefined): Promise<void> {
    this.#target = target;
    await (this.#working ??= this.#work().finally(() => this.#working = undefined));
  }

  /** Applies no more changes. */
  close(): void {
    this.#closed = true;
  }

  async #work(): Promise<void> {
    let tried: Declared | undefined;
    while (!this.#closed && this.#current?.declared !== this.#target) {
      const target = this.#target;
      // A target that was refused is not tried again until there is another.
      if (target !== undefined && target === tried) return;
      tried = target;
      await this.#step(target);
    }
  }

  async #step(target: Declared | undefined): Promise<void> {
    const before = this.#current;
    const started = performance.now();
    if (target === undefined) return before && this.#remove(before);
    if (before === undefined) return await this.#add(target, started);
    if (isSame(before.declared, target)) {
      before.declared = target;
      return;
    }
    const { consumer, availability } = before.served;
    const runs = consumer.missing === undefined && availability.trouble === undefined;
    if (runs && hasSameSettings(before.declared, target)) {
      return await this.#replaceCode(before, target, started);
    }
    await this.#replace(before, target, started);
  }

  async #add(target: Declared, started: number): Promise<void> {
    const next = this.#generations.start(target);
    this.#current = next;
    next.served.availability.prepare().catch(() => {});
    await next.served.tried;
    const { missing, paused } = next.served.consumer;
    if (missing === undefined || paused !== undefined) this.#deployed(next, "new", started);
  }

  #remove(before: Generation): void {
    this.#current = undefined;
    this.#retire(before);
    this.#emit({ event: "removed", function: this.name, queue: before.plan.queue.name });
  }

  /** Keeps the consumer and replaces the code: new messages run in it, and current runs end in the old code. */
  async #replaceCode(before: Generation, target: Declared, started: number): Promise<void> {
    const host = this.#generations.hostOf(target);
    try {
      if (before.host.live && !host.eager) await host.prepare();
    } catch (error) {
      await host.close();
      return this.#keep(target, describeError(error));
    }
    before.declared = target;
    const replaced = before.host.replace(host);
    if (host.eager) replaced.then(() => before.served.availability.prepare()).catch(() => {});
    this.#deployed(before, "code", started);
  }

  /** Replaces the consumer: the new one is attached before the old one goes, so that there is no gap. */
  async #replace(before: Generation, target: Declared, started: number): Promise<void> {
    const next = this.#generations.start(target, before);
    this.#beside.add(next);
    const { consumer, availability, tried } = next.served;
    await Promise.all([tried, availability.prepare().catch(() => {})]);
    this.#beside.delete(next);
    const works = before.served.availability.trouble === undefined;
    const { trouble } = availability;
    const unattached = consumer.paused === undefined ? consumer.missing : undefined;
    const why = trouble === undefined ? unattached : works ? trouble : undefined;
    if (why !== undefined) {
      this.#retire(next);
      this.#generations.paceOf(before.declared);
      return this.#keep(target, why);
    }
    this.#current = next;
    // Messages that the old consumer still gets run in the new code.
    before.host.replace(forward(next.host));
    this.#retire(before, next);
    this.#deployed(next, "settings", started);
    this.#sayLeft(before.plan.queue.name, next.plan.queue.name);
  }

  #sayLeft(queue: string, next: string): void {
    if (queue === "" || queue === next) return;
    const message =
      `${this.name}: queue '${queue}' keeps its bindings and messages, and nothing consumes it now`;
    this.#emit({ event: "notice", message });
  }

  async #retire(generation: Generation, next?: Generation): Promise<void> {
    this.#beside.add(generation);
    await this.#generations.retire(generation, next?.plan);
    this.#beside.delete(generation);
  }

  #keep({ file }: Declared, why: string): void {
    if (this.#closed) return;
    this.#emit({ event: "problem", file, message: `The change is not applied: ${why}`, fix: keptFix });
  }

  #deployed({ plan }: Generation, change: "new" | "code" | "settings", started: number): void {
    const ms = Math.round(performance.now() - started);
    this.#emit({ event: "deployed", function: this.name, queue: plan.queue.name, change, ms });
  }
}

const keptFix = "the previous version keeps running until the file is fixed";

/** A host that runs its messages in another generation's host, and leaves starting and closing to that one's owner. */
function forward(host: Host): Host {
  return {
    get live() {
      return host.live;
    },
    run: (work) => host.run(work),
    prepare: () => Promise.resolve(),
    giveUp: () => {},
    close: () => Promise.resolve(),
  };
}

function isSame(one: Declared, other: Declared): boolean {
  return one.code === other.code && hasSameSettings(one, other);
}

// Schemas and functions belong to the code, which is compared as a whole. What the runtime does depends only on whether
// there are such functions.
function hasSameSettings(one: Declared, other: Declared): boolean {
  const compared = ({ trigger, settings, bounds: { ceiling } }: Declared) => ({
    trigger,
    ceiling,
    settings: {
      ...settings,
      input: undefined,
      output: undefined,
      use: undefined,
      middleware: undefined,
      setup: settings.setup !== undefined,
      onExhausted: settings.onExhausted !== undefined,
      // What counts of them is in 'sharding'.
      order: undefined,
      debounce: undefined,
      throttle: undefined,
    },
  });
  return isDeepStrictEqual(compared(one), compared(other));
}
