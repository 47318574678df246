import type { FunctionDeclaration } from "../../core/api/function.ts";
import { type JsonSchema, maxSchema, type Schemas } from "../../core/contract.ts";
import { isRecord } from "../../core/values.ts";

type Side = "input" | "output";

/**
 * The JSON Schemas of a declaration's `input` and `output`. Libraries that have them offer them with Standard Schema:
 * `~standard.jsonSchema.input({ target })`, which may throw for what JSON cannot hold.
 */
export function schemasOf({ options }: FunctionDeclaration): Schemas {
  const made = { input: schemaOf(options, "input"), output: schemaOf(options, "output") };
  const tooLarge = (["input", "output"] as const).filter((side) => made[side] === "too large");
  return {
    ...made.input !== undefined && made.input !== "too large" && { input: made.input },
    ...made.output !== undefined && made.output !== "too large" && { output: made.output },
    ...tooLarge.length > 0 && { tooLarge },
  };
}

function schemaOf(options: unknown, side: Side): JsonSchema | "too large" | undefined {
  try {
    const schema = (options as Partial<Record<Side, WithJsonSchema>>)[side];
    const made = schema?.["~standard"].jsonSchema?.[side]({ target: "draft-2020-12" });
    if (!isRecord(made)) return undefined;
    const text = JSON.stringify(made);
    return text.length > maxSchema ? "too large" : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a Standard Schema may have besides its check. */
interface WithJsonSchema {
  readonly "~standard": {
    readonly jsonSchema?: Readonly<Record<Side, (options: { target: string }) => unknown>>;
  };
}

/** What a process reported as schemas. A function controls what its process says, so nothing in it is trusted. */
export function readSchemas(said: unknown): Schemas {
  const { input, output, tooLarge } = isRecord(said) ? said : {};
  const fits = (schema: unknown): schema is JsonSchema =>
    isRecord(schema) && JSON.stringify(schema).length <= maxSchema;
  const left = (["input", "output"] as const).filter((side) =>
    Array.isArray(tooLarge) && tooLarge.includes(side)
  );
  return {
    ...fits(input) && { input },
    ...fits(output) && { output },
    ...left.length > 0 && { tooLarge: left },
  };
}
