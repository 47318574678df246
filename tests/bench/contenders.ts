/** Who is compared, and what each can do. The ratios are to hand-written amqplib on Deno. */

import type { Broker, Case, Verb } from "./cases.ts";
import type { Job } from "./programs/job.ts";

/** What a contender runs on. Packages of npm run on Node, and with the suffix `-deno` on Deno. */
export type Platform = "deno" | "node" | "hopper" | "c";

export interface Contender {
  readonly id: string;
  readonly title: string;
  readonly platform: Platform;
  /** The file of its program, without its ending. Functions of Hopper have none: they are written for each measurement. */
  readonly program?: string;
  readonly verbs: readonly Verb[];
  /** How its messages look. @default "plain" */
  readonly envelope?: Job["envelope"];
  /** How it names the queue that it takes messages or calls from. */
  queueOf?(name: string, verb: Verb): string;
  /** The arguments of the queue that it declares to consume from. */
  readonly queueArguments?: Readonly<Record<string, unknown>>;
  /** Hopper: where its functions run. */
  readonly isolate?: "process" | "inline";
  /** Hopper: flags of `hopper run`. */
  readonly flags?: readonly string[];
  /** C: after how many messages it acknowledges. */
  readonly ackEvery?: number;
  /** Whether it is a library or a framework of others, which Hopper has to be ahead of with calls. */
  readonly isFramework?: boolean;
  /** Whether it is measured only if it is named by `--only`. */
  readonly onlyIfNamed?: boolean;
}

export const base = "amqplib";

const all: readonly Verb[] = ["consume", "serve", "call", "publish"];
const server: readonly Verb[] = ["consume", "serve", "publish"];

/** The libraries and frameworks of npm. */
const packages: readonly Contender[] = [
  {
    id: "rabbitmq-client",
    title: "rabbitmq-client",
    platform: "node",
    program: "rabbitmq_client",
    verbs: all,
  },
  { id: "cloudamqp", title: "@cloudamqp/amqp-client", platform: "node", program: "cloudamqp", verbs: server },
  { id: "nestjs", title: "NestJS", platform: "node", program: "nestjs", verbs: server, envelope: "nest" },
  {
    id: "golevelup",
    title: "golevelup",
    platform: "node",
    program: "golevelup",
    verbs: server,
    envelope: "json",
  },
  {
    id: "moleculer",
    title: "Moleculer",
    platform: "node",
    program: "moleculer",
    verbs: ["consume", "serve"],
    envelope: "moleculer",
    queueOf: (name, verb) => `MOL.${verb === "consume" ? "EVENTB.bench." : "REQ."}${name}`,
    queueArguments: { "x-expires": 120_000 },
  },
];

const onNode = ({ title, ...rest }: Contender): Contender => ({
  ...rest,
  title: `${title}, Node`,
  isFramework: true,
});
const onDeno = ({ id, title, ...rest }: Contender): Contender => ({
  ...rest,
  id: `${id}-deno`,
  title: `${title}, Deno`,
  platform: "deno",
  isFramework: true,
  onlyIfNamed: true,
});

/** A runtime without the admin API, and others with more or less of what lets somebody see what it does. */
const runtimes = (id: string, title: string, isolate: "process" | "inline"): Contender[] => {
  const runtime = { platform: "hopper", verbs: ["consume", "serve"], isolate } as const;
  return [
    { ...runtime, id, title, flags: ["--no-admin"] },
    {
      ...runtime,
      id: `${id}-quiet`,
      title: `${title}, --quiet`,
      flags: ["--no-admin", "--quiet"],
      onlyIfNamed: true,
    },
    {
      ...runtime,
      id: `${id}-admin`,
      title: `${title}, with the admin API`,
      flags: ["--admin", "127.0.0.1:0"],
      onlyIfNamed: true,
    },
  ];
};

export const contenders: readonly Contender[] = [
  { id: base, title: "amqplib by hand, Deno", platform: "deno", program: "amqplib", verbs: all },
  ...runtimes("hopper", "Hopper, functions in processes", "process"),
  ...runtimes("hopper-inline", "Hopper, functions inline", "inline"),
  {
    id: "hopper-client",
    title: "Hopper's client",
    platform: "deno",
    program: "hopper_client",
    verbs: ["call", "publish"],
  },
  {
    id: "amqplib-node",
    title: "amqplib by hand, Node",
    platform: "node",
    program: "amqplib_node",
    verbs: all,
  },
  ...packages.map(onNode),
  ...packages.map(onDeno),
  { id: "c", title: "C, one ack a message", platform: "c", verbs: server, ackEvery: 1 },
  { id: "c-multiple", title: "C, one ack for 50", platform: "c", verbs: ["consume"], ackEvery: 50 },
];

/** Whether it is Hopper itself, in one of its forms. */
const isHopper = ({ id }: Contender) => id.startsWith("hopper");

/**
 * Who takes part in a case on this broker: all that can, or the base and those that are named. On the embedded broker the
 * client is the limit, and Hopper is compared with the base alone.
 */
export function takingPart(
  { verb, prefetch }: Case,
  broker: Broker,
  named: readonly string[] | undefined,
): Contender[] {
  return contenders.filter((contender) => {
    const { id, verbs, onlyIfNamed = false, ackEvery = 1 } = contender;
    if (!verbs.includes(verb)) return false;
    // One acknowledgement for several messages needs room for several.
    if (verb === "consume" && ackEvery > prefetch / 2 && ackEvery > 1) return false;
    if (broker === "embedded" && id !== base && !isHopper(contender)) return false;
    return named === undefined ? !onlyIfNamed : id === base || named.includes(id);
  });
}

/** Whether its program is a package of npm, or runs on Node. */
export function needsPackages({ platform, program = "" }: Contender): boolean {
  return platform === "node" || platform === "deno" && !["amqplib", "hopper_client"].includes(program);
}
