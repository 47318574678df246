/** The types of middleware. The compiler makes these checks. */

import type { Message, Middleware, MiddlewareRun, RunResult } from "hopper";
import { defineConfig, queue, rpc } from "hopper";
import { expectType, type Same } from "./expect.ts";

Deno.test("A middleware gets the run and next, and returns what next gave or a result of its own", () => {
  const passes: Middleware = (run, next) => {
    expectType<Same<typeof run, MiddlewareRun>>();
    expectType<Same<typeof run.message, Message>>();
    expectType<Same<typeof run.messages, readonly Message[]>>();
    return next({ body: run.message.body, contentType: "text/plain", contentEncoding: undefined });
  };
  const answers: Middleware = async (run, next) => {
    const result = await next(run.messages.map(({ body }) => ({ body })));
    expectType<Same<typeof result, RunResult>>();
    return run.attempts[0] === 1 ? run.skip() : { body: new Uint8Array(1) };
  };
  rpc("r", { use: [passes, answers, (_run, next) => next()] }, (n: number) => n);
  queue("q", { use: [passes], batch: { size: 10 } }, (items: number[]) => items.length);
  // @ts-expect-error: nothing is returned
  const _forgets: Middleware = async (_run, next) => {
    await next();
  };
  // @ts-expect-error: a body is bytes
  const _text: Middleware = (_run, next) => next({ body: "text" });
});

Deno.test("A file has middleware as functions, and deploy.config.ts as paths of modules", () => {
  defineConfig({ defaults: { use: ["./audit.ts"] }, functions: { "a.*": { use: [] } } });
  // @ts-expect-error: a path is for deploy.config.ts
  queue("q", { use: ["./audit.ts"] }, () => {});
  // @ts-expect-error: functions are for the file
  defineConfig({ defaults: { use: [(_run, next) => next()] } });
});
