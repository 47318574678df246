import assert from "node:assert/strict";
import { withFolder } from "../support/folder.ts";
import { hopperCommand } from "../support/hopper.ts";

const importHopper = `import { direct, queue, topic } from "hopper";\n`;

/** Runs `hopper list` in a folder with these functions. */
async function withFunctions(functions: Record<string, string>) {
  const files = Object.entries(functions).map((
    [name, source],
  ) => [`functions/${name}.ts`, importHopper + source]);
  const folder = await withFolder(Object.fromEntries(files));
  return {
    list: (...args: string[]) => hopperCommand(["list", ...args], { cwd: folder.path }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("The list command shows what others must declare for a passive function", async () => {
  await using to = await withFunctions({
    audit: `export default topic("orders", ["order.*"], {
      declare: "passive", retry: { attempts: 2 }, exchange: { arguments: { "alternate-exchange": "unheard" } },
    }, () => {});`,
    tasks: `export default queue("tasks", () => {});`,
  });

  const { stdout } = await to.list("--json");
  assert.match((await to.list()).stdout, /^audit +topic +orders {2}order\.\* +audit \(passive\) /m);

  const [audit, tasks] = JSON.parse(stdout).functions;
  assert.deepEqual(audit.needs, [
    `exchange 'orders' (topic, arguments: {"alternate-exchange":"unheard"})`,
    "queue 'audit'",
    "a binding of queue 'audit' to 'orders' with key 'order.*'",
    `queue 'audit.retry.1000' (arguments: {"x-message-ttl":1000,"x-dead-letter-exchange":"","x-dead-letter-routing-key":"audit"})`,
    "queue 'audit.dead'",
  ]);
  assert.deepEqual([audit.settings.declare, tasks.settings.declare, tasks.needs], [
    "passive",
    true,
    undefined,
  ]);
});

Deno.test("The list command shows the exchanges of 'emits', and files that declare one differently", async () => {
  await using to = await withFunctions({
    place: `export default queue("place", { emits: { orders: "topic" } }, () => {});`,
    other: `export default queue("other", { emits: { orders: "fanout" } }, () => {});`,
    audit: `export default topic("orders", "#", () => {});`,
  });

  const { stdout, stderr, code } = await to.list();
  assert.match(stdout, /^place +queue .* orders=topic +functions\/place\.ts$/m);
  assert.match(
    stderr,
    /^✗ functions\/other\.ts {2}Option 'emits': exchange 'orders' is declared as fanout here/m,
  );
  assert.equal(code, 1);
});

Deno.test("The list command shows all functions that are bound to a plugin's exchange as possible receivers", async () => {
  const sharded =
    `export default direct("shards", "1", { exchange: { type: "x-consistent-hash" } }, () => {});`;
  await using to = await withFunctions({
    one: sharded,
    other: `export default direct("others", "1", () => {});`,
  });

  const { stdout } = await to.list("--to", "shards", "--key", "anything");
  assert.deepEqual(stdout.trim().split("\n").map((line) => line.split(" ")[0]), ["FUNCTION", "one"]);
});
