import { type Address, addressText, isLoopback } from "../core/address.ts";
import type { Refusal } from "../http/refusal.ts";

/**
 * Why a request is not taken from where it comes. Pages of other sites have their visitors' browsers send requests, also
 * to programs on the visitor's own machine: those name the page (`Origin`, `Sec-Fetch-Site`), or the site's name in `Host`.
 */
export function strangerIn(headers: Headers, address: Address): Refusal | undefined {
  const host = headers.get("host")?.toLowerCase() ?? "";
  if (isLoopback(address.hostname) && !ownHosts(address).includes(host)) {
    const detail = `This is ${addressText(address)}, and not '${host}'`;
    return { status: 421, code: "WRONG_HOST", detail };
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  const isOwn = origin === null || origin === `http://${host}` || origin === `https://${host}`;
  if (isOwn && (site === "none" || site === "same-origin")) return undefined;
  return { status: 403, code: "CROSS_SITE", detail: "Pages of other sites may not send requests here" };
}

function ownHosts({ hostname, port }: Address): string[] {
  const names = [addressText({ hostname, port: 0 }).replace(/:0$/, ""), "localhost", "127.0.0.1", "[::1]"];
  return names.map((name) => (port === 80 ? name : `${name}:${port}`).toLowerCase());
}
