import { basename } from "node:path";
import { ownTutorial } from "../../core/own_files.ts";
import type { Files } from "./files.ts";
import { recipes } from "./recipes.ts";
import type { Content, Template } from "./template.ts";

/** What `--template` may name. */
export const templates: Readonly<Record<string, Template>> = {
  basic: {
    has: "two functions of your own: a queue and an rpc",
    content: () => Promise.resolve({ files: basic }),
    attempt: `call greet '{ "name": "world" }'`,
  },
  tutorial: {
    has: "the six functions of the RabbitMQ tutorial",
    content: tutorial,
    attempt: "call rpc_queue 30",
  },
  ...recipes,
};

const basic: Files = {
  "functions/greet.ts": `import { rpc } from "hopper";

/** Replies to whoever calls 'greet'. */
export default rpc("greet", (input: { name: string }) => \`Hello, \${input.name}!\`);
`,
  "functions/orders.ts": `import { queue, Reject } from "hopper";

interface Order {
  id: number;
  items: string[];
}

/** Takes orders from the queue 'orders': one that fails is tried again, and then kept in 'orders.dead'. */
export default queue("orders", (order: Order, { log }) => {
  if (order.items.length === 0) throw new Reject("An order needs at least one item");
  log.info(\`Order \${order.id}: \${order.items.join(", ")}\`);
});
`,
  "functions/functions_test.ts": `import assert from "node:assert/strict";
import { startTest } from "hopper/testing";

const functions = import.meta.dirname!;

Deno.test("Who calls is greeted by name", async () => {
  await using hopper = await startTest({ functions });
  assert.equal(await hopper.call("greet", { name: "world" }), "Hello, world!");
});

Deno.test("An order without items is refused", async () => {
  await using hopper = await startTest({ functions });
  await hopper.send("orders", { id: 1, items: ["bolt"] });
  await hopper.handled("orders");
  await hopper.send("orders", { id: 2, items: [] });
  assert.match(await hopper.failed("orders"), /needs at least one item/);
});
`,
};

const tutorialNames = ["hello", "work", "logs", "direct_logs", "topic_logs", "fib"];

async function tutorial(): Promise<Content> {
  const urls = tutorialNames.map((name) => new URL(`${name}.ts`, ownTutorial));
  const sources = await Promise.all(
    urls.map(async (url) => [`functions/${basename(url.pathname)}`, await Deno.readTextFile(url)] as const),
  );
  return { files: { ...Object.fromEntries(sources), "functions/functions_test.ts": tutorialTest } };
}

const tutorialTest = `import assert from "node:assert/strict";
import { startTest } from "hopper/testing";

Deno.test("The Fibonacci number is calculated", async () => {
  await using hopper = await startTest({ functions: import.meta.dirname! });
  assert.equal(await hopper.call("rpc_queue", 10), 55);
});

Deno.test("A critical kernel error is logged", async () => {
  await using hopper = await startTest({ functions: import.meta.dirname! });
  await hopper.publish("topic_logs", "kern.critical", "A critical kernel error");
  await hopper.handled("topic_logs");
});
`;
