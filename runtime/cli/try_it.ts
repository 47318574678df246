import type { Trigger } from "../core/api/trigger.ts";
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
export function tryIt(trigger: Trigger, { start, flags }: HopperHere): string {
  return [start, ...[...commandOf(trigger), ...flags].map(quoted)].join(" ");
}

const text = "a first message";

function commandOf(trigger: Trigger): string[] {
  switch (trigger.kind) {
    case "queue":
      return ["send", trigger.queue, text];
    case "rpc":
      return ["call", trigger.name, "30"];
    case "fanout":
      return ["publish", trigger.exchange, "", text];
    case "direct":
      return ["publish", trigger.exchange, trigger.keys[0] ?? "", text];
    case "topic":
      return ["publish", trigger.exchange, keyFor(trigger.patterns[0] ?? "#"), text];
    case "headers": {
      const pairs = Object.entries("all" in trigger.match ? trigger.match.all : trigger.match.any);
      const headers = "all" in trigger.match ? pairs : pairs.slice(0, 1);
      const said = headers.flatMap(([name, value]) => ["--header", `${name}=${value}`]);
      return ["publish", trigger.exchange, "", text, ...said];
    }
  }
}

/** A routing key that matches a pattern. */
function keyFor(pattern: string): string {
  return pattern.split(".").map((word) => word === "*" || word === "#" ? "any" : word).join(".");
}
