/**
 * What a function file imports: the seven triggers, and the errors that a handler may throw.
 *
 * A function is the default export of a file in `functions/`. Its name is the file's path below that folder:
 * `billing/charge.ts` is `billing.charge`.
 *
 * @example
 * ```ts
 * import { queue } from "hopper";
 *
 * export default queue("task_queue", { prefetch: 1 }, (task: { id: number }, { log }) => {
 *   log.info(`Working on ${task.id}`);
 * });
 * ```
 * @module
 */
import type { Config } from "./core/api/options.ts";

export type { FunctionDeclaration, Handler } from "./core/api/function.ts";
export type {
  BatchContext,
  BatchDeclaration,
  BatchHandler,
  Batching,
  BatchOptions,
} from "./core/api/batch.ts";
export type { ChangedMessage, Middleware, MiddlewareRun, Next, RunResult } from "./core/api/middleware.ts";
export type { Caller, CallOptions, Context, Log, SendOptions, SetupContext } from "./core/api/context.ts";
export type { DelayOptions } from "./core/api/delay_options.ts";
export type {
  Config,
  DedupeOptions,
  EmittedExchange,
  ExchangeOptions,
  FileOptions,
  HttpClient,
  HttpConfig,
  HttpRights,
  Options,
  Override,
  PauseOptions,
  PermissionOptions,
  PublishTarget,
  RateOptions,
  RetryOptions,
  Settings,
  StreamStart,
  TriggerExchange,
} from "./core/api/options.ts";
export type {
  DebounceOptions,
  KeyBy,
  KeyedConcurrency,
  KeyFunction,
  MessageKey,
  OrderOptions,
  ThrottleOptions,
} from "./core/api/key_options.ts";
export type { Duration } from "./core/api/duration.ts";
export type { Message } from "./core/api/message.ts";
export type {
  ExchangeSource,
  ExchangeSources,
  HeaderMatch,
  HeaderValue,
  Trigger,
  TriggerKind,
} from "./core/api/trigger.ts";
export type { CatchUp, ScheduleSettings, Tick } from "./core/api/schedule.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./core/api/schema.ts";
export type { BatchFailure } from "./core/api/errors.ts";
export { BatchFailed, HopperError, Reject, Retry, RpcError } from "./core/api/errors.ts";
export { queue } from "./core/triggers/queue.ts";
export { fanout } from "./core/triggers/fanout.ts";
export { direct } from "./core/triggers/direct.ts";
export { topic } from "./core/triggers/topic.ts";
export { headers } from "./core/triggers/headers.ts";
export { rpc } from "./core/triggers/rpc.ts";
export { schedule, type ScheduleOptions } from "./core/triggers/schedule.ts";

/**
 * Types the default export of `deploy.config.ts`, so that an editor can complete it. Returns `config` unchanged.
 *
 * @example
 * ```ts
 * import { defineConfig } from "hopper";
 *
 * export default defineConfig({
 *   broker: "amqp://guest:guest@127.0.0.1:5672",
 *   defaults: { prefetch: 50 },
 *   functions: { "billing.*": { prefetch: 1, timeout: "2m" } },
 * });
 * ```
 */
export function defineConfig(config: Config): Config {
  return config;
}
