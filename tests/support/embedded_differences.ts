/** Where the embedded broker differs from the version of RabbitMQ that it behaves like. */

import { type Differences, differencesOf } from "./differences.ts";

const before = differencesOf("3.10.8");

/** Contract tests in which it behaves like 3.10, whatever version it behaves like otherwise. */
const asBefore: readonly string[] = [
  "A queue deleted and declared again before the commit gets the message",
  "A queue deleted before the commit gets nothing, and a mandatory message is returned",
  "A queue first declared before the commit gets what was sent to its name",
  "An exclusive queue's bindings keep an auto-delete exchange until its connection closes",
  'Headers: {"n":1} matches [{"n":1},{"n":{"type":"d","value":1}}] and not [{"n":{"type":"d","value":1.5}}]',
];

/** What to expect of it. */
export function ofEmbedded(expected: Differences): Differences {
  if (expected === before) return expected;
  const otherwise = Object.entries(expected.otherwise).filter(([name]) => !asBefore.includes(name));
  return { ...expected, mechanisms: before.mechanisms, otherwise: Object.fromEntries(otherwise) };
}
