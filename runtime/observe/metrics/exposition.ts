import { type Metric, Registry } from "prom-client";
import type { Buckets } from "./buckets.ts";
import type { Family, Sample } from "./families.ts";

/** The metrics as Prometheus reads them. */
export interface Exposition {
  readonly text: string;
  readonly contentType: string;
}

/** Writes metrics as Prometheus reads them. */
export async function expose(families: readonly Family[]): Promise<Exposition> {
  const registry = new Registry();
  for (const family of families) if (family.samples.length > 0) registry.registerMetric(metricOf(family));
  return { text: await registry.metrics(), contentType: registry.contentType };
}

/** What a registry asks a metric for. Those of the library also count, which is done already. */
function metricOf({ definition: { name, help, type }, samples }: Family): Metric {
  const values = samples.flatMap((sample) => valuesOf(name, sample));
  const get = () => Promise.resolve({ name, help, type, values });
  return { name, help, type, get } as unknown as Metric;
}

function valuesOf(name: string, { labels, value }: Sample) {
  return typeof value === "number" ? [{ labels, value }] : histogram(name, labels, value);
}

// The labels that all lines of a histogram share are written out once.
function histogram(name: string, sharedLabels: Sample["labels"], { bounds, counts, sum, count }: Buckets) {
  let upTo = 0;
  const buckets = bounds.map((bound, at) => ({
    metricName: `${name}_bucket`,
    labels: { le: `${bound}` },
    sharedLabels,
    value: upTo += counts[at]!,
  }));
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { le: "+Inf" }, sharedLabels, value: count },
    { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
    { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
  ];
}
