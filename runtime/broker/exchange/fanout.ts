import type { Router, Rule } from "./router.ts";

/** Routes to every binding. */
export function fanoutRouter<Destination>(): Router<Destination> {
  const rules = new Set<Rule<Destination>>();
  return {
    add: (rule) => void rules.add(rule),
    remove: (rule) => void rules.delete(rule),
    route(_message, found) {
      for (const { destination } of rules) found(destination);
    },
  };
}
