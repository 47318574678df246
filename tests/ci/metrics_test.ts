import assert from "node:assert/strict";
import { alertRules, alerts } from "../../.ci/metrics/alerts.ts";
import { dashboardJson, panels } from "../../.ci/metrics/dashboard.ts";
import { metricsPage } from "../../.ci/metrics_doc.ts";
import { definitions } from "../../runtime/observe/metrics/definitions.ts";
import { withFolder } from "../support/folder.ts";
import { hasPromtool, promtool } from "../support/promtool.ts";

const ignore = !await hasPromtool();
const names = Object.values(definitions).map(({ name }) => name);

Deno.test("The page names every metric and every alert", () => {
  const page = metricsPage();
  for (const name of [...names, ...alerts.map(({ name }) => name)]) assert.ok(page.includes(name), name);
});

Deno.test("The dashboard shows every metric", () => {
  const dashboard = dashboardJson();
  for (const name of names) assert.ok(dashboard.includes(name), name);
  assert.equal(JSON.parse(dashboard).panels.length, panels.length);
});

Deno.test("promtool finds nothing wrong with the alert rules", { ignore }, async () => {
  await using folder = await withFolder();
  await Deno.writeTextFile(folder.at("alerts.yml"), alertRules());
  assert.equal(await promtool("check", "rules", "--lint-fatal", folder.at("alerts.yml")), "");
});

Deno.test("promtool understands every expression of the dashboard", { ignore }, async () => {
  await using folder = await withFolder();
  const rules = panels.flatMap(({ queries }) => queries).map(({ expression }, nth) => ({
    record: `panel:${nth}`,
    expr: expression.replaceAll("$__rate_interval", "5m"),
  }));
  await Deno.writeTextFile(
    folder.at("panels.yml"),
    JSON.stringify({ groups: [{ name: "panels", rules }] }),
  );
  assert.equal(await promtool("check", "rules", folder.at("panels.yml")), "");
});

/** Series under which each alert has to fire, and no other. A series is `START+STEPxTIMES`, a step a minute. */
const troubles: Record<string, Record<string, string>> = {
  HopperConsumerMissing: { 'hopper_function_attached{function="a"}': "0x60" },
  HopperBrokerDisconnected: { 'hopper_broker_connected{connection="consumers"}': "0x60" },
  HopperErrorShare: {
    'messaging_client_consumed_messages_total{function="a",error_type=""}': "0+80x60",
    'messaging_client_consumed_messages_total{function="a",error_type="Error"}': "0+20x60",
  },
  HopperDeadLettersGrowing: { 'hopper_dead_lettered_messages_total{function="a"}': "0+1x60" },
  HopperMessagesDropped: { 'hopper_dropped_messages_total{function="a"}': "0+1x60" },
  HopperFunctionPaused: { 'hopper_function_paused{function="a"}': "1x60" },
  HopperQueueGrowing: {
    'hopper_queue_ready_messages{function="a",messaging_destination_name="a",kind="work"}': "2000+10x60",
  },
  HopperReconnects: { 'hopper_broker_reconnects_total{instance="i",connection="consumers"}': "0+1x60" },
  HopperProcessesEnding: { 'hopper_processes_ended_total{function="a"}': "0+1x60" },
  HopperEventLoopLag: {
    'hopper_event_loop_lag_seconds_bucket{instance="i",le="0.1"}': "0+1x60",
    'hopper_event_loop_lag_seconds_bucket{instance="i",le="1"}': "0+100x60",
    'hopper_event_loop_lag_seconds_bucket{instance="i",le="+Inf"}': "0+100x60",
  },
};

/** Series of a runtime where all is well: no alert may fire. */
const fine: Record<string, string> = {
  'hopper_function_attached{function="a"}': "1x60",
  'hopper_function_paused{function="a"}': "0x60",
  'hopper_broker_connected{connection="consumers"}': "1x60",
  'hopper_broker_reconnects_total{instance="i",connection="consumers"}': "1x60",
  'hopper_dead_lettered_messages_total{function="a"}': "7x60",
  'messaging_client_consumed_messages_total{function="a",error_type=""}': "0+100x60",
  'messaging_client_consumed_messages_total{function="a",error_type="Error"}': "0+1x60",
  'messaging_client_consumed_messages_total{function="a",error_type="caller"}': "0+900x60",
  'hopper_queue_ready_messages{function="a",messaging_destination_name="a",kind="work"}': "2000-10x60",
  'hopper_event_loop_lag_seconds_bucket{instance="i",le="0.1"}': "0+100x60",
  'hopper_event_loop_lag_seconds_bucket{instance="i",le="1"}': "0+100x60",
  'hopper_event_loop_lag_seconds_bucket{instance="i",le="+Inf"}': "0+100x60",
};

Deno.test("Each alert fires in its own trouble, and none while all is well", { ignore }, async () => {
  assert.deepEqual(Object.keys(troubles).sort(), alerts.map(({ name }) => name).sort());
  await using folder = await withFolder();
  await Deno.writeTextFile(folder.at("alerts.yml"), alertRules());
  const tests = [...Object.entries(troubles), ["", fine] as const].map(([trouble, series]) => ({
    interval: "1m",
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    promql_expr_test: alerts.map(({ name }) => ({
      expr: `count(ALERTS{alertname="${name}",alertstate="firing"})`,
      eval_time: "50m",
      exp_samples: name === trouble ? [{ labels: "{}", value: 1 }] : [],
    })),
  }));
  await Deno.writeTextFile(
    folder.at("test.json"),
    JSON.stringify({ rule_files: ["alerts.yml"], evaluation_interval: "1m", tests }),
  );
  assert.equal(await promtool("test", "rules", folder.at("test.json")), "");
});
