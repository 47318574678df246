import type { Router, Rule } from "./router.ts";

/** Routes to the bindings whose key is the routing key. */
export function directRouter<Destination>(): Router<Destination> {
  const byKey = new Map<string, Set<Rule<Destination>>>();
  return {
    add(rule) {
      const rules = byKey.get(rule.key);
      if (rules) rules.add(rule);
      else byKey.set(rule.key, new Set([rule]));
    },
    remove(rule) {
      const rules = byKey.get(rule.key);
      rules?.delete(rule);
      if (rules?.size === 0) byKey.delete(rule.key);
    },
    route(message, found) {
      for (const key of message.keys) {
        for (const { destination } of byKey.get(key) ?? []) found(destination);
      }
    },
  };
}
