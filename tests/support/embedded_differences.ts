/** Where the embedded broker differs from the version of RabbitMQ that it behaves like. */

import { type Differences, differencesOf } from "./differences.ts";

const before = differencesOf("3.10.8");

/** What to expect of it. */
export function ofEmbedded(expected: Differences): Differences {
  if (expected === before) return expected;
  return { ...expected, mechanisms: before.mechanisms };
}
