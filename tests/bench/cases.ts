/** What is measured, and the goals: the ratio of Hopper's rate to that of hand-written amqplib on Deno. */

export type Verb = "consume" | "serve" | "call" | "publish";
export type Broker = "RabbitMQ" | "embedded";

/** Where a goal holds: for functions in processes of their own, inline ones, and the client of other programs. */
export type Goals = Partial<Record<"hopper" | "hopper-inline" | "hopper-client", number>>;

/** One measurement, which all contenders that can do it take turns at. */
export interface Case {
  readonly id: string;
  readonly bench: "consume" | "rpc" | "publish";
  readonly title: string;
  /** What a contender does; the other side is always the same program. */
  readonly verb: Verb;
  /** The size of a body in bytes. */
  readonly size: number;
  /** Consuming: how many deliveries may be unacknowledged. */
  readonly prefetch: number;
  /** Consuming: how many messages wait in the queue at the start; a quarter of them is a warm-up. */
  readonly count: number;
  /** Consuming: one message of this many takes 20 ms. 0: none. */
  readonly slowEvery: number;
  /** Calls or publishes under way at the same time. */
  readonly outstanding: number;
  /** Publishing: many tasks that each await their own message, not one loop that keeps a window full. */
  readonly tasks: boolean;
  readonly goals: Readonly<Record<Broker, Goals>>;
  /** The most microseconds of processor time a message in the runtime, with functions in processes. */
  readonly runtimeMicros?: Readonly<Partial<Record<Broker, number>>>;
  /** Whether no framework may be ahead. */
  readonly aheadOfFrameworks?: boolean;
  /** Whether `--quick` measures it. */
  readonly quick?: boolean;
}

const usual = {
  size: 256,
  prefetch: 100,
  count: 0,
  slowEvery: 0,
  outstanding: 1,
  tasks: false,
  goals: { RabbitMQ: {}, embedded: {} },
};

const goals = (RabbitMQ: Goals, embedded: Goals = {}) => ({ RabbitMQ, embedded });
const both = (hopper: number, inline: number): Goals => ({ hopper, "hopper-inline": inline });

const consume = { ...usual, bench: "consume", verb: "consume", count: 100_000 } as const;
const serve = { ...usual, bench: "rpc", verb: "serve" } as const;
const call = { ...usual, bench: "rpc", verb: "call", goals: goals({ "hopper-client": 1 }) } as const;
const publish = {
  ...usual,
  bench: "publish",
  verb: "publish",
  outstanding: 100,
  goals: goals({ "hopper-client": 1.05 }),
} as const;

export const cases: readonly Case[] = [
  {
    ...consume,
    id: "consume-100",
    title: "consume 256 B, prefetch 100",
    goals: goals(both(1.2, 1.3), both(0.9, 1.1)),
    runtimeMicros: { embedded: 8 },
    quick: true,
  },
  {
    ...consume,
    id: "consume-10",
    title: "consume 256 B, prefetch 10",
    prefetch: 10,
    count: 60_000,
    goals: goals(both(1.1, 1.2)),
  },
  {
    ...consume,
    id: "consume-1",
    title: "consume 256 B, prefetch 1",
    prefetch: 1,
    count: 16_000,
    goals: goals(both(0.85, 0.97)),
  },
  {
    ...consume,
    id: "consume-16k",
    title: "consume 16 KiB, prefetch 100",
    size: 16_384,
    count: 24_000,
    goals: goals(both(1, 1.1)),
  },
  {
    ...consume,
    id: "consume-slow",
    title: "consume 256 B, prefetch 100, 1 in 100 takes 20 ms",
    slowEvery: 100,
    goals: goals({ "hopper-inline": 1.05 }),
  },
  { ...serve, id: "rpc-1", title: "RPC, one call at a time", goals: goals(both(0.85, 1)) },
  {
    ...serve,
    id: "rpc-64",
    title: "RPC, 64 calls at once",
    outstanding: 64,
    goals: goals(both(0.9, 1.05)),
    aheadOfFrameworks: true,
    quick: true,
  },
  { ...call, id: "call-1", title: "the client's calls, one at a time, to a server by hand" },
  {
    ...call,
    id: "call-64",
    title: "the client's calls, 64 at once, to a server by hand",
    outstanding: 64,
  },
  {
    ...publish,
    id: "publish-100",
    title: "publish 256 B, persistent, confirmed, 100 outstanding",
    quick: true,
  },
  {
    ...publish,
    id: "publish-tasks",
    title: "publish 256 B, persistent, confirmed, each of 100 tasks awaits its own",
    tasks: true,
  },
];

/** The case with such an id, or those whose ids begin so, for each of the names; all of them without any. */
export function chosenCases(names: readonly string[] | undefined): readonly Case[] {
  if (names === undefined) return cases;
  const isExact = (name: string) => cases.some(({ id }) => id === name);
  return cases.filter(({ id }) => names.some((name) => isExact(name) ? id === name : id.startsWith(name)));
}
