/** Where the embedded broker does not do as the RabbitMQ that it behaves like. */

import { type Differences, differencesOf } from "./differences.ts";

const before = differencesOf("3.10.8");

/** What is right for it, where that makes a difference. */
export function ofEmbedded(expected: Differences): Differences {
  if (expected === before) return expected;
  return { ...expected, mechanisms: before.mechanisms };
}
