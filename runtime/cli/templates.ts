import type { TriggerKind } from "../core/api/trigger.ts";

/** The content of a new function file. */
export function template(name: string, kind: TriggerKind): string {
  return `import { ${kind} } from "hopper";\n\nexport default ${declaration(name, kind)}\n`;
}

/** A command that tries the new function. */
export function tryIt(name: string, kind: TriggerKind): string {
  switch (kind) {
    case "queue":
      return `deno task hopper send ${name} 'a first message'`;
    case "rpc":
      return `deno task hopper call ${name} '{ "name": "world" }'`;
    case "fanout":
      return `deno task hopper publish ${name} '' 'a first message'`;
    case "direct":
      return `deno task hopper publish ${name} error 'a first message'`;
    case "topic":
      return `deno task hopper publish ${name} kern.critical 'a first message'`;
    case "headers":
      return `deno task hopper publish ${name} '' 'a first message' --header format=pdf`;
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
  }
}
