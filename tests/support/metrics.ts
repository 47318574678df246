/** Metrics as Prometheus reads them, for tests. */

/** The series of a page of metrics, by name and labels as they are written: `up{job="a"}`. */
export function seriesIn(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const end = line.lastIndexOf(" ");
    return [line.slice(0, end), Number(line.slice(end + 1))];
  }));
}

/** The sum of the series with this name and at least these labels; `undefined` if there is none. */
export function valueOf(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const found = [...seriesIn(text)].filter(([series]) => {
    const [own, rest = "}"] = series.split("{");
    const has = rest.slice(0, -1).split(",");
    return own === name && wanted.every((label) => has.includes(label));
  });
  return found.length === 0 ? undefined : found.reduce((sum, [, value]) => sum + value, 0);
}
