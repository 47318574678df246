import { roundMs } from "../../core/settings/rate_settings.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import type { TriggerFault } from "./trigger.ts";

// A broker's time to live has 32 bits.
const maxRound = 2 ** 32 - 1;

// A token goes through three queues, and its round should be long against the time that takes.
const leastRound = 100;

/** What is wrong with a function's rate, together with its other settings. */
export function checkRate({ rate, ack, declare }: Resolved): TriggerFault[] {
  if (rate === false) return [];
  if (ack === "none") {
    return [{
      message:
        `Option 'rate' needs acknowledgements: with ack: "none" the broker sends every message at once, and ` +
        "what is over the rate would wait in memory",
      fix: `remove 'rate', or write: ack: "auto"`,
    }];
  }
  if (rate.scope !== "cluster") return [];
  if (declare === "passive") {
    return [{
      message:
        `Option 'rate' with scope: "cluster" needs queues of its own, and with declare: "passive" Hopper ` +
        "declares none",
      fix: 'write: scope: "process"',
    }];
  }
  const round = roundMs(rate);
  if (round >= leastRound && round <= maxRound) return [];
  const { limit, per, burst } = rate;
  return [{
    message:
      `Option 'rate' with scope: "cluster" sends ${burst} tokens round in ${round} ms, and the broker needs ` +
      `${leastRound} ms to 49 days for that`,
    fix: round < leastRound
      ? `write a larger burst, at least: burst: ${Math.ceil(leastRound * limit / per)}`
      : "write a smaller burst, or a shorter time for the limit",
  }];
}
