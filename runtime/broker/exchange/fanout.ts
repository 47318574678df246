import type { Binding, Router } from "./exchange.ts";

/** Routes to every binding. */
export function fanoutRouter(): Router {
  const bindings = new Set<Binding>();
  return {
    add: (binding) => void bindings.add(binding),
    remove: (binding) => void bindings.delete(binding),
    route(_message, found) {
      for (const binding of bindings) found(binding.destination);
    },
  };
}
