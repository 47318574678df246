import type { Declared, FileProblem } from "../core/declared.ts";
import { explain } from "../core/explain.ts";
import type { FunctionDeclaration } from "../core/function.ts";
import { layersOf } from "../core/layers.ts";
import type { Config } from "../core/options.ts";
import {
  knownSettings,
  type Layer,
  optionsSchema,
  resolve,
  settingsWithoutEffect,
} from "../core/settings.ts";
import { checkTogether } from "./check_settings.ts";
import { checkTrigger } from "./check_trigger.ts";
import { type Place, placeOfKey } from "./locate.ts";
import type { FunctionFile } from "./scan.ts";

/** A declaration that was loaded, with what is needed to say where it is wrong. */
export interface Candidate {
  readonly from: FunctionFile;
  readonly declaration: FunctionDeclaration;
  readonly place: Place;
  readonly source: string;
}

/** A function with its settings decided, or everything wrong with it. */
export type Checked =
  | { readonly kind: "declared"; readonly declared: Declared; readonly notices: readonly string[] }
  | { readonly kind: "problems"; readonly problems: readonly FileProblem[] };

/** Checks one declaration and decides its settings. */
export function check({ from, declaration, place, source }: Candidate, config: Config): Checked {
  const { name, file } = from;
  const { trigger, options, handler } = declaration;
  const at = (where: Place, fault: { message: string; fix: string }): FileProblem => ({
    file,
    ...where,
    ...fault,
  });

  if (typeof handler !== "function") {
    return refused([at(place, {
      message: `The trigger has no handler: expected a function as its last argument, got ${
        handler === undefined ? "nothing" : `a ${typeof handler}`
      }`,
      fix: `write: ${trigger.kind}(…, (input, ctx) => { … })`,
    })]);
  }
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const issues = explain(parsed.error, (path) => knownSettings(path, "file"));
    return refused(issues.map(({ path, message }) => {
      const key = path.at(-1);
      const where = key === undefined ? place : placeOfKey(source, key, place);
      return at(where, { message, fix: fixFor(path) });
    }));
  }
  const layers = layersOf(name, options as Layer, config);
  const settings = resolve(...layers);
  const said = Object.assign({}, ...layers.slice(1)) as Layer;
  const faults = [...checkTrigger(trigger), ...checkTogether(trigger, said, settings)];
  if (faults.length > 0) return refused(faults.map((fault) => at(place, fault)));
  const idle = settingsWithoutEffect.filter((setting) =>
    said[setting] !== undefined && said[setting] !== false
  );
  return {
    kind: "declared",
    declared: { name, file, trigger, settings, handler },
    notices: idle.length === 0 ? [] : [`${file}: no effect in this version: ${idle.join(", ")}`],
  };
}

function refused(problems: readonly FileProblem[]): Checked {
  return { kind: "problems", problems };
}

function fixFor(path: readonly string[]): string {
  if (path[0] === "isolate") return "only deploy.config.ts may say where a function runs";
  const known = knownSettings(path.slice(0, -1), "file");
  return known.includes(path.at(-1) ?? "")
    ? `for example: ${exampleOf(path[0]!)}`
    : `allowed: ${known.join(", ")}`;
}

function exampleOf(option: string): string {
  const examples: Record<string, string> = {
    ack: 'ack: "manual"',
    retry: 'retry: { attempts: 3, delay: "5s" }',
    timeout: 'timeout: "30s"',
    idle: 'idle: "5m"',
    memory: 'memory: "128MB"',
    queueType: 'queueType: "quorum"',
    arguments: 'arguments: { "x-max-length": 1000 }',
    permissions: 'permissions: { net: ["api.example:443"] }',
    queue: 'queue: "audit"',
    codec: 'codec: "json"',
    publish: 'publish: { exchange: "results", routingKey: "done" }',
    durable: "durable: false",
    exclusive: "exclusive: true",
    deadLetter: "deadLetter: false",
    input: "input: z.object({ id: z.number() })",
    output: "output: z.number()",
  };
  return examples[option] ?? `${option}: 1`;
}
