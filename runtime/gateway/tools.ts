import { createHash } from "node:crypto";
import type { JsonSchema } from "../core/contract.ts";
import type { Rpc } from "./rpcs.ts";

/** An rpc as a tool for language models, in MCP's form. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  /** Always of an object, as MCP has it. */
  readonly inputSchema: ObjectSchema;
  readonly outputSchema?: ObjectSchema;
  readonly rpc: Rpc;
  /** The rpc's input is no object, and is the argument `input`. */
  readonly isWrapped: boolean;
}

/** The JSON Schema of an object. */
export type ObjectSchema = JsonSchema & { readonly type: "object" };

/** The tools for rpcs, by their names. An rpc without a JSON Schema of its input is none. */
export function toolsOf(rpcs: Iterable<Rpc>): ReadonlyMap<string, Tool> {
  const withInput = [...rpcs].filter(({ contract }) => contract.input !== undefined);
  const byName = Map.groupBy(withInput, ({ name }) => plainName(name));
  const tools = [...byName].flatMap(([plain, namesakes]) =>
    namesakes.map((rpc): [string, Tool] => {
      // A tool must never become another function's when a file is dropped.
      const name = rpc.name === plain || namesakes.length === 1 ? plain : distinctName(plain, rpc.name);
      return [name, toolOf(name, rpc)];
    })
  );
  return new Map(tools.sort(([one], [other]) => one < other ? -1 : 1));
}

// What the interfaces of language models take.
const maxName = 64;

function plainName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  return plain.length > maxName ? distinctName(plain, name) : plain;
}

function distinctName(plain: string, name: string): string {
  const mark = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${plain.slice(0, maxName - mark.length - 1)}_${mark}`;
}

function toolOf(name: string, rpc: Rpc): Tool {
  const { input, output, description } = rpc.contract;
  const isWrapped = !isOfObject(input!);
  const outputSchema = output && isOfObject(output) ? withoutDialect(output) as ObjectSchema : undefined;
  return {
    name,
    description: description ?? `Calls the function '${rpc.name}'`,
    inputSchema: isWrapped ? wrapped(rpc, input!) : withoutDialect(input!) as ObjectSchema,
    ...outputSchema && { outputSchema },
    rpc,
    isWrapped,
  };
}

function isOfObject(schema: JsonSchema): boolean {
  return schema.type === "object";
}

// Without a name for it, a schema is of the draft that these are of.
function withoutDialect({ $schema: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function wrapped({ name }: Rpc, input: JsonSchema): ObjectSchema {
  const schema = withoutDialect(input);
  // References in it begin at its own root.
  const refers = JSON.stringify(schema).includes('"$ref"');
  const $id = `urn:hopper:input:${encodeURIComponent(name)}`;
  return { type: "object", properties: { input: refers ? { $id, ...schema } : schema }, required: ["input"] };
}
