import { type Address, addressText, isLoopback } from "../core/address.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Why a request is not taken from where it comes. Pages of other sites have their visitors' browsers send requests, also
 * to programs on the visitor's own machine: those name the page (`Origin`, `Sec-Fetch-Site`), or the site's name in `Host`.
 */
export function strangerIn(headers: Headers, address: Address): Refusal | undefined {
  return wrongHostIn(headers, address) ?? otherSiteIn(headers);
}

/** Why the name by which a server on loopback was asked is not its own: it may be another site's that leads here. */
export function wrongHostIn(headers: Headers, address: Address): Refusal | undefined {
  const host = hostIn(headers);
  if (!isLoopback(address.hostname) || ownHosts(address).includes(host)) return undefined;
  return { status: 421, code: "WRONG_HOST", detail: `This is ${addressText(address)}, and not '${host}'` };
}

/** Why a request is not taken from another site's page. */
export function otherSiteIn(headers: Headers): Refusal | undefined {
  const host = hostIn(headers);
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  const isOwn = origin === null || origin === `http://${host}` || origin === `https://${host}`;
  if (isOwn && (site === "none" || site === "same-origin")) return undefined;
  return { status: 403, code: "CROSS_SITE", detail: "Pages of other sites may not send requests here" };
}

function hostIn(headers: Headers): string {
  return headers.get("host")?.toLowerCase() ?? "";
}

function ownHosts({ hostname, port }: Address): string[] {
  const names = [addressText({ hostname, port: 0 }).replace(/:0$/, ""), "localhost", "127.0.0.1", "[::1]"];
  return names.map((name) => (port === 80 ? name : `${name}:${port}`).toLowerCase());
}
