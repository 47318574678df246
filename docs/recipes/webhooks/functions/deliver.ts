import { queue, Reject, Retry } from "hopper";

/** A webhook to deliver. */
export interface Hook {
  url: string;
  /** What happened, as JSON. */
  event: unknown;
}

/** Delivers webhooks: two at a time to each host, so that a slow host keeps only its own waiting. */
export default queue("webhooks", {
  prefetch: 50,
  concurrency: { limit: 2, key: (hook: Hook) => new URL(hook.url).host, shards: 16 },
  // 10 s, 40 s, … for about two days, and then a dead letter.
  retry: { attempts: 14, delay: "10s", max: "6h" },
  timeout: "15s",
  // One host that is away says nothing about the others.
  pause: false,
  permissions: { net: true, env: ["WEBHOOK_SECRET"] },
}, async ({ url, event }: Hook, { message, signal }) => {
  const body = JSON.stringify(event);
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      // The receiver recognises a delivery that comes twice by its id, and a forged one by its signature.
      "webhook-id": message.id,
      "webhook-signature": await signatureOf(`${message.id}.${body}`),
    },
    body,
    redirect: "manual",
    signal,
  });
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  if (status === 410) throw new Reject("410: the receiver wants no more");
  if (status === 429 || status === 503) throw new Retry({ after: waitOf(response) });
  throw new Error(`The receiver answered ${status}`);
});

async function signatureOf(text: string): Promise<string> {
  const secret = new TextEncoder().encode(Deno.env.get("WEBHOOK_SECRET") ?? "");
  if (secret.length === 0) throw new Error("WEBHOOK_SECRET is not set");
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text))).toHex();
}

/** `retry-after` in seconds, between a second and an hour; a minute if the receiver does not say. */
function waitOf(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 3600) * 1000 : 60_000;
}
