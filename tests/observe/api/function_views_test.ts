import assert from "node:assert/strict";
import type { FunctionDeclaration, Middleware } from "../../../runtime/mod.ts";
import { queue } from "../../../runtime/mod.ts";
import { functionDetail, functionSummary } from "../../../runtime/observe/api/function_views.ts";
import type { LiveView } from "../../../runtime/observe/api/operations.ts";
import type { AllStats } from "../../../runtime/observe/stats/all_stats.ts";
import { declared } from "../../support/declared.ts";

const stats = { of: () => ({}) } as unknown as AllStats;

/** A view of a function with these options, as it runs. */
function live(options: Readonly<Record<string, unknown>>, config = {}): LiveView {
  const declaration = queue("orders", options as { batch: { size: number } }, () => {});
  return {
    declared: declared(declaration as unknown as FunctionDeclaration, { config }),
    queue: "orders",
    state: "running",
    inFlight: 0,
    unacked: 0,
    sent: [],
    versions: [],
    queues: [],
    exchanges: [],
    bindings: [],
    emits: [],
  };
}

Deno.test("A function with batches shows their size and wait, and the prefetch that they need", () => {
  const view = live({ batch: { size: 100, wait: "1s" } });
  assert.deepEqual(functionSummary(view, stats).batch, { size: 100, wait: 1000 });
  const { settings } = functionDetail(view, stats);
  assert.deepEqual(settings.filter(({ name }) => name === "batch" || name === "prefetch"), [
    { name: "prefetch", value: 200, from: "raised for 'batch'" },
    { name: "batch", value: { size: 100, wait: 1000 }, from: "file" },
  ]);
  assert.equal(functionSummary(live({}), stats).batch, undefined);
});

Deno.test("A function shows what is around its handler, the outermost first, and who put it there", () => {
  const tenant: Middleware = (_run, next) => next();
  const config = { defaults: { use: [`${Deno.cwd()}/middleware/audit.ts`] } };
  const used = (view: LiveView) => functionDetail(view, stats).settings.find(({ name }) => name === "use");
  assert.deepEqual(used(live({ use: [tenant] }, config)), {
    name: "use",
    value: ["middleware/audit.ts", "tenant"],
    from: "deploy.config.ts: defaults, file",
  });
  assert.equal(used(live({})), undefined);
});
