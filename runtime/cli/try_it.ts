import { type ExchangeSource, sourcesOf } from "../core/api/trigger.ts";
import type { Declared } from "../core/declared.ts";
import { quoted, startHere } from "./started_as.ts";

/** How to write a command in this folder, for the same broker. */
export interface HopperHere {
  /** What comes before the command, such as `deno task hopper`. */
  readonly start: string;
  /** Flags that the command needs. */
  readonly flags: readonly string[];
}

/** How the broker was chosen. */
export interface Chosen {
  readonly url: string;
  readonly isEmbedded: boolean;
  /** The value of `--broker`. */
  readonly flag: string | undefined;
  /** The embedded broker's port. */
  readonly port: number;
}

const usualPort = 5672;

// A URL without a login means guest.
const guest = /\/\/guest:guest@/g;
const isGuest = (url: string) => !url.replace(guest, "//").includes("@");

/** How to write commands here. A password is not repeated: whoever gave it can give it again. */
export function hopperHere({ url, isEmbedded, flag, port }: Chosen): HopperHere {
  const start = startHere(Deno.cwd());
  if (isEmbedded) return { start, flags: port === usualPort ? [] : ["--broker", `amqp://127.0.0.1:${port}`] };
  return { start, flags: flag === undefined || !isGuest(url) ? [] : ["--broker", url.replace(guest, "//")] };
}

/** A command that tries a function. */
export function tryIt(declared: Tried, { start, flags }: HopperHere): string {
  return [start, ...[...commandOf(declared), ...flags].map(quoted)].join(" ");
}

/** A function to try. */
type Tried = Pick<Declared, "name" | "trigger">;

const text = "a first message";

function commandOf({ name, trigger }: Tried): string[] {
  if (trigger.kind === "schedule") return ["fire", name];
  if (trigger.kind === "queue") return ["send", trigger.queue, text];
  if (trigger.kind === "rpc") return ["call", trigger.name, "30"];
  return sourcesOf(trigger).slice(0, 1).flatMap(publishTo);
}

function publishTo(source: ExchangeSource): string[] {
  const { exchange } = source;
  switch (source.kind) {
    case "fanout":
      return ["publish", exchange, "", text];
    case "direct":
      return ["publish", exchange, source.keys[0] ?? "", text];
    case "topic":
      return ["publish", exchange, keyFor(source.patterns[0] ?? "#"), text];
    case "headers": {
      const pairs = Object.entries("all" in source.match ? source.match.all : source.match.any);
      const headers = "all" in source.match ? pairs : pairs.slice(0, 1);
      const said = headers.flatMap(([name, value]) => ["--header", `${name}=${value}`]);
      return ["publish", exchange, "", text, ...said];
    }
  }
}

/** A routing key that matches a pattern. */
function keyFor(pattern: string): string {
  return pattern.split(".").map((word) => word === "*" || word === "#" ? "any" : word).join(".");
}
