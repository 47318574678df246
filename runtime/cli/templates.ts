import type { TriggerKind } from "../core/api/trigger.ts";

/** The content of a new function file. */
export function template(name: string, kind: TriggerKind): string {
  return `import { ${kind} } from "hopper";\n\nexport default ${declaration(name, kind)}\n`;
}

/** A command that tries the new function. */
export function tryIt(name: string, kind: TriggerKind, start: string): string {
  switch (kind) {
    case "queue":
      return `${start} send ${name} 'a first message'`;
    case "rpc":
      return `${start} call ${name} '{ "name": "world" }'`;
    case "fanout":
      return `${start} publish ${name} '' 'a first message'`;
    case "direct":
      return `${start} publish ${name} error 'a first message'`;
    case "topic":
      return `${start} publish ${name} kern.critical 'a first message'`;
    case "headers":
      return `${start} publish ${name} '' 'a first message' --header format=pdf`;
    case "schedule":
      return `${start} fire ${name}`;
  }
}

/** A test of that file, to lie beside it. */
export function testTemplate(name: string, kind: TriggerKind): string {
  const up = "/..".repeat(name.split(".").length - 1);
  const functions = up === "" ? "import.meta.dirname!" : `import.meta.dirname + "${up}"`;
  const imports = kind === "rpc" ? `import assert from "node:assert/strict";\n` : "";
  return `${imports}import { startTest } from "hopper/testing";

Deno.test("${name} ${does[kind] ?? "handles a message"}", async () => {
  await using hopper = await startTest({ functions: ${functions} });
  ${attempt(name, kind)}
});
`;
}

const does: Partial<Record<TriggerKind, string>> = {
  rpc: "replies to a call",
  schedule: "runs when it is fired",
};

function attempt(name: string, kind: TriggerKind): string {
  const handled = `\n  await hopper.handled("${name}");`;
  switch (kind) {
    case "queue":
      return `await hopper.send("${name}", "a first message");${handled}`;
    case "rpc":
      return `assert.equal(await hopper.call("${name}", { name: "world" }), "Hello, world");`;
    case "fanout":
      return `await hopper.publish("${name}", "", "a first message");${handled}`;
    case "direct":
      return `await hopper.publish("${name}", "error", "a first message");${handled}`;
    case "topic":
      return `await hopper.publish("${name}", "kern.critical", "a first message");${handled}`;
    case "headers":
      return `await hopper.publish("${name}", "", "a first message", { headers: { format: "pdf" } });${handled}`;
    case "schedule":
      return `await hopper.fire("${name}");${handled}`;
  }
}

function declaration(name: string, kind: TriggerKind): string {
  const handler = `(input: unknown, { log }) => {\n  log.info("Received", { input });\n});`;
  switch (kind) {
    case "queue":
    case "fanout":
      return `${kind}("${name}", ${handler}`;
    case "rpc":
      return `rpc("${name}", (input: { name: string }) => {\n  return \`Hello, \${input.name}\`;\n});`;
    case "direct":
      return `direct("${name}", ["warning", "error"], ${handler}`;
    case "topic":
      return `topic("${name}", ["kern.*", "*.critical"], ${handler}`;
    case "headers":
      return `headers("${name}", { all: { format: "pdf" } }, ${handler}`;
    case "schedule":
      return `schedule("every 1m", (tick, { log }) => {\n  log.info(\`The tick of \${tick.at.toISOString()}\`);\n});`;
  }
}
