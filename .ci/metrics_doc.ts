/**
 * Writes docs/metrics.md, docs/grafana-dashboard.json and docs/prometheus-alerts.yml from the definitions of the metrics.
 *
 * `deno run -A .ci/metrics_doc.ts` exits 1 if one of them is out of date; with `--write` it writes them.
 */
import { type Definition, definitions } from "../runtime/observe/metrics/definitions.ts";
import { keepPage } from "./generated_page.ts";
import { alertRules, alerts } from "./metrics/alerts.ts";
import { dashboardJson } from "./metrics/dashboard.ts";

const docs = new URL("../docs/", import.meta.url);

/** The whole page. */
export function metricsPage(): string {
  const rows = Object.values<Definition>(definitions).map(({ name, type, help, labels }) =>
    `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`
  );
  const rules = alerts.map(({ name, for: time, severity, summary }) => {
    const when = time === "0m" ? "at once" : `after ${time}`;
    return `| \`${name}\` | ${
      summary.replaceAll(/\{\{ \$(?:labels\.)?(\w+)[^}]*\}\}/g, "…")
    } | ${when}, ${severity} |`;
  });
  return `# Metrics

Written by \`deno run -A .ci/metrics_doc.ts --write\` from the definitions of the metrics.

\`hopper run\` serves metrics for Prometheus at \`http://127.0.0.1:8672/metrics\`, beside health. Let Prometheus read them:

\`\`\`yaml
scrape_configs:
  - job_name: hopper
    static_configs:
      - targets: ["127.0.0.1:8672"]
\`\`\`

A Prometheus on another machine needs \`--admin HOST:PORT\` with an address that it reaches, and then the token, because
metrics name functions and queues: set \`HOPPER_ADMIN_TOKEN\` for \`hopper run\`, and the same as \`authorization\`,
\`credentials\` in the scrape config. \`--no-admin\` serves nothing, and then nothing is counted.

- [grafana-dashboard.json](grafana-dashboard.json): in Grafana, choose Dashboards, New, Import.
- [prometheus-alerts.yml](prometheus-alerts.yml): name it under \`rule_files\` in Prometheus's configuration, and change what
  does not suit you.

## What is measured

Names that begin with \`messaging_\` are those of OpenTelemetry's conventions for messaging, as Prometheus writes them.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
${rows.join("\n")}

- \`function\` is a function of the folder. When its file is deleted, its series go.
- \`messaging_destination_name\` is a queue; \`(temporary)\` is one whose name the broker chose.
- \`messaging_operation_name\` is \`process\` for runs, and \`send\`, \`publish\` or \`call\` for what functions send.
- \`error_type\` is empty without an error, \`caller\` where an rpc's caller was wrong (status 400 to 499), else the name of the
  error: one of JavaScript's, Deno's and Hopper's own, or \`_OTHER\`. Names that functions give to their errors are \`_OTHER\`,
  because they could hold what is in messages.
- \`kind\` is \`work\` for a function's queue, and \`dead\` for its dead letters. Queues are counted once in five seconds at
  most, however many read the metrics. While the broker does not answer, they are missing.
- The counts begin with 0 when the runtime starts. Each runtime counts for itself; add them up with \`sum\`. What waits in a
  queue is the same for all of them: use \`max\`.
- A run's time is in whole milliseconds.

## Alerts

| rule | says | fires |
| --- | --- | --- |
${rules.join("\n")}

Next: [Traces](traces.md)
`;
}

if (import.meta.main) {
  await keepPage(new URL("metrics.md", docs), metricsPage(), "metrics_doc.ts");
  await keepPage(new URL("grafana-dashboard.json", docs), dashboardJson(), "metrics_doc.ts");
  await keepPage(new URL("prometheus-alerts.yml", docs), alertRules(), "metrics_doc.ts");
}
