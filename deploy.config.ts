import { defineConfig } from "hopper";

/** What an operator decides. A function's own file says the rest. */
export default defineConfig({
  // broker: "amqp://user:password@rabbit.example:5672",
  defaults: {
    prefetch: 20,
  },
  functions: {
    // A name or a glob, above what the file says.
    "fib": { prefetch: 1 },
  },
});
