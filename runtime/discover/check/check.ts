import { resolve as resolvePath } from "node:path";
import { type Contract, descriptionIn, maxSchema, type Schemas } from "../../core/contract.ts";
import type { Code, Declared, FileProblem, FunctionFile } from "../../core/declared.ts";
import { findIssues } from "../../core/settings/explain.ts";
import type { FunctionDeclaration } from "../../core/api/function.ts";
import { ceilingOf, layersOf, originsOf } from "../../core/settings/layers.ts";
import type { Config } from "../../core/api/options.ts";
import type { PermissionKind } from "../../core/permissions/permission_entries.ts";
import { type Bounds, written } from "../../core/permissions/permissions.ts";
import { knownSettings } from "../../core/settings/describe_settings.ts";
import { type Layer, optionsSchema, resolve, said as saidBy } from "../../core/settings/settings.ts";
import { queueName } from "../../core/settings/queue_name.ts";
import type { ReadRecurrence } from "../../core/schedule/recurrence.ts";
import { shown } from "../../core/text/shown.ts";
import { withinCap } from "./batch.ts";
import { checkPermissions, isolationNotice } from "./permissions.ts";
import { oneAtATime, readSchedule } from "./schedule.ts";
import { checkQueueName, checkTogether } from "./settings.ts";
import { checkTrigger, type TriggerFault } from "./trigger.ts";
import { realPath } from "../../core/permissions/links.ts";
import { type Place, placeOfKey } from "../../core/text/locate.ts";

/** A declaration that was loaded, and what it takes to say where in the file it is wrong. */
export interface Candidate {
  readonly from: FunctionFile;
  readonly declaration: FunctionDeclaration;
  readonly place: Place;
  readonly source: string;
  readonly code: Code;
  readonly schemas: Schemas;
  /** The functions folder. */
  readonly folder: string;
}

/** A function with its settings decided, or everything wrong with it. */
export type Checked =
  | { readonly kind: "declared"; readonly declared: Declared; readonly notices: readonly string[] }
  | { readonly kind: "problems"; readonly problems: readonly FileProblem[] };

/** Checks one declaration and decides its settings. Only a schedule needs `read`. */
export function check(candidate: Candidate, config: Config, read?: ReadRecurrence): Checked {
  const { from, declaration, place } = candidate;
  const { name, file } = from;
  const { trigger, options, handler } = declaration;
  const here = (fault: TriggerFault): FileProblem => ({ file, ...place, ...fault });

  const source = checkTrigger(trigger).map(here);
  if (typeof handler !== "function") {
    return refused(source.length > 0 ? source : [here(noHandler(declaration))]);
  }
  const wrong = [...source, ...checkOptions(candidate)];
  if (wrong.length > 0) return refused(wrong);
  const layers = layersOf(name, options as Layer, config);
  const { settings: capped, raised } = withinCap(resolve(...layers), layers);
  const settings = trigger.kind === "schedule" ? oneAtATime(capped) : capped;
  const schedule = readSchedule(trigger, settings, read);
  const said = Object.assign({}, ...layers.slice(1).map(saidBy)) as Layer;
  const bounds: Bounds = {
    ceiling: ceilingOf(name, config),
    folder: resolvePath(candidate.folder),
    cwd: Deno.cwd(),
    realPath,
  };
  const contract: Contract = { description: descriptionIn(candidate.source), ...candidate.schemas };
  const origins = {
    ...originsOf(name, options as Layer, config),
    ...raised && { prefetch: "raised for 'batch'" },
  };
  const declared: Declared = {
    name,
    file,
    trigger,
    ...schedule.recurrence && { recurrence: schedule.recurrence },
    settings,
    origins,
    bounds,
    code: candidate.code,
    contract,
  };
  const isInline = settings.isolate === "inline";
  const permissions = isInline ? [] : checkPermissions(name, settings.permissions, bounds);
  const faults = [
    ...[
      ...schedule.faults,
      ...checkTogether(trigger, said, settings),
      ...checkQueueName(queueName(declared), declared),
    ].map(here),
    ...permissions.map(({ kind, ...fault }) => ({ ...here(fault), ...placeOfPermission(candidate, kind) })),
  ];
  if (faults.length > 0) return refused(faults);
  const notice = isInline ? inlineNotice(declared) : isolationNotice(file, settings.permissions, bounds);
  return {
    kind: "declared",
    declared,
    notices: [notice, passiveNotice(declared), schemaNotice(declared)].filter(isSaid),
  };
}

function isSaid(notice: string | undefined): notice is string {
  return notice !== undefined;
}

function passiveNotice({ file, settings: { declare, isolate, ack } }: Declared): string | undefined {
  return declare === "passive" && isolate === "inline" && ack === "auto"
    ? `${file}: with declare: "passive" there is no queue for suspects: a message that ends the runtime is run again, ` +
      "however often it does"
    : undefined;
}

function schemaNotice({ file, contract: { tooLarge = [] } }: Declared): string | undefined {
  if (tooLarge.length === 0) return undefined;
  const sides = tooLarge.join(" and its ");
  return `${file}: its ${sides} schema as JSON Schema has more than ${maxSchema} characters, and forms and tools go without`;
}

function inlineNotice({ file, settings }: Declared): string | undefined {
  return written(settings.permissions) === "{}"
    ? undefined
    : `${file}: 'permissions' has no effect: deploy.config.ts has it run inside the runtime, with the runtime's own`;
}

function placeOfPermission({ source, place }: Candidate, kind: PermissionKind): Place {
  return placeOfKey(source, kind, placeOfKey(source, "permissions", place));
}

function refused(problems: readonly FileProblem[]): Checked {
  return { kind: "problems", problems };
}

function checkOptions({ from: { file }, declaration: { options }, place, source }: Candidate): FileProblem[] {
  return findIssues(optionsSchema, options, (path) => knownSettings(path, "file")).map(
    ({ path, message }) => {
      const key = path.findLast((part) => !/^\d+$/.test(part));
      const where = key === undefined ? place : placeOfKey(source, key, place);
      return { file, ...where, message, fix: fixFor(path) };
    },
  );
}

function noHandler({ trigger, options, handler }: FunctionDeclaration): TriggerFault {
  return {
    message: `The trigger has no handler: expected a function as its last argument, got ${shown(handler)}`,
    fix: typeof options === "function"
      ? "put the options before the handler"
      : `write: ${trigger.kind}(…, (input, ctx) => { … })`,
  };
}

function fixFor(path: readonly string[]): string {
  if (path.join(".") === "exchange.name" || path[0] === "exchanges" && path[2] === "name") {
    return "the exchange's name is what the trigger takes first";
  }
  if (path[0] === "isolate") return "only deploy.config.ts may decide where a function runs";
  const known = knownSettings(path.slice(0, -1), "file");
  return known.length === 0 || known.includes(path.at(-1) ?? "")
    ? `for example: ${exampleOf(path[0]!)}`
    : `allowed: ${known.join(", ")}`;
}

function exampleOf(option: string): string {
  const examples: Record<string, string> = {
    ack: 'ack: "manual"',
    retry: 'retry: { attempts: 3, delay: "5s" }',
    rate: 'rate: { limit: 100, per: "1s" }',
    timeout: 'timeout: "30s"',
    idle: 'idle: "5m"',
    memory: 'memory: "128MB"',
    queueType: 'queueType: "quorum"',
    from: 'from: "first"',
    filter: 'filter: "eu"',
    arguments: 'arguments: { "x-max-length": 1000 }',
    maxPriority: "maxPriority: 10",
    declare: 'declare: "passive"',
    timezone: 'timezone: "Europe/Berlin"',
    catchUp: 'catchUp: "once"',
    overlap: "overlap: true",
    exchange: 'exchange: { arguments: { "alternate-exchange": "unheard" } }',
    exchanges: "exchanges: { billing: { durable: false } }",
    use: "use: [(run, next) => next()]",
    setup: "setup: async ({ env, signal }) => ({ db: await open(env.DATABASE_URL) })",
    onExhausted: "onExhausted: (message, error, ctx) => ctx.log.error(error.message)",
    setupTimeout: 'setupTimeout: "30s"',
    emits: 'emits: { orders: "topic" }',
    permissions: 'permissions: { net: ["api.example:443"] }',
    order: 'order: { by: "customerId" }',
    debounce: 'debounce: { key: "documentId", wait: "2s" }',
    throttle: 'throttle: { key: "documentId", per: "2s" }',
    dedupe: 'dedupe: { for: "1h" }',
    pause: "pause: { failures: 15, of: 20 }",
    concurrency: 'concurrency: 3, or: concurrency: { limit: 2, key: "customerId" }',
    queue: 'queue: "audit"',
    codec: 'codec: "json"',
    batch: 'batch: { size: 100, wait: "50ms" }',
    publish: 'publish: { exchange: "results", routingKey: "done" }',
    durable: "durable: false",
    exclusive: "exclusive: true",
    deadLetter: "deadLetter: false",
    input: "input: z.object({ id: z.number() })",
    output: "output: z.number()",
  };
  return examples[option] ?? `${option}: 1`;
}
