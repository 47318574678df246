import { defineConfig } from "hopper";

/** What the operator decides. The rest is in each function's own file. */
export default defineConfig({
  // broker: "amqp://user:password@rabbit.example:5672",
  defaults: {
    prefetch: 20,
  },
  functions: {
    // A function's name, or a glob. This wins over the function's own file.
    "fib": { prefetch: 1 },
  },
});
