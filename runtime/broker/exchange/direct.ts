import type { Binding, Router } from "./exchange.ts";

/** Routes to the bindings whose key is the routing key. */
export function directRouter(): Router {
  const byKey = new Map<string, Set<Binding>>();
  return {
    add(binding) {
      const bindings = byKey.get(binding.key);
      if (bindings) bindings.add(binding);
      else byKey.set(binding.key, new Set([binding]));
    },
    remove(binding) {
      const bindings = byKey.get(binding.key);
      bindings?.delete(binding);
      if (bindings?.size === 0) byKey.delete(binding.key);
    },
    route(message, found) {
      for (const key of message.keys) {
        for (const binding of byKey.get(key) ?? []) found(binding.destination);
      }
    },
  };
}
