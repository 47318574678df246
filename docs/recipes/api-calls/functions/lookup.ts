import { queue, Reject, Retry } from "hopper";

/** Asks an API that takes five requests a second, whoever sends how many messages, and however many runtimes there are. */
export default queue("lookups", {
  rate: { limit: 5, per: "1s", burst: 5, scope: "cluster" },
  retry: { attempts: 8, delay: "2s", max: "10m" },
  timeout: "20s",
  permissions: { net: true, env: ["API_URL", "API_KEY"] },
  publish: { queue: "lookups.done" },
}, async ({ id }: { id: string }, { signal }) => {
  const url = new URL(`customers/${encodeURIComponent(id)}`, Deno.env.get("API_URL"));
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${Deno.env.get("API_KEY") ?? ""}` },
    signal,
  });
  if (response.ok) return { id, found: await response.json() };
  const said = (await response.text()).slice(0, 200);
  // The API knows better when to come back.
  if (response.status === 429) throw new Retry({ after: waitOf(response) });
  if (response.status < 500) throw new Reject(`${response.status} ${said}`);
  throw new Error(`${response.status} ${said}`);
});

/** `retry-after` is a number of seconds, or a date. */
function waitOf(response: Response): number {
  const said = response.headers.get("retry-after") ?? "";
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1_000), 3_600_000) : 10_000;
}
