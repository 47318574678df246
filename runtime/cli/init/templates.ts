import { basename } from "node:path";
import { ownTutorial } from "../../core/own_files.ts";
import type { Files } from "./files.ts";

/** A set of functions that a project can begin with. */
export interface Template {
  /** Its functions, and a test of them. */
  files(): Promise<Files>;
  /** A command that shows one at work, without what stands before it. */
  readonly attempt: string;
}

/** What `--template` may name. */
export const templates = {
  basic: { files: () => Promise.resolve(basic), attempt: `call greet '{ "name": "world" }'` },
  tutorial: { files: tutorial, attempt: "call rpc_queue 30" },
} as const satisfies Record<string, Template>;

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

async function tutorial(): Promise<Files> {
  const urls = tutorialNames.map((name) => new URL(`${name}.ts`, ownTutorial));
  const sources = await Promise.all(
    urls.map(async (url) => [`functions/${basename(url.pathname)}`, await Deno.readTextFile(url)] as const),
  );
  return { ...Object.fromEntries(sources), "functions/functions_test.ts": tutorialTest };
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
