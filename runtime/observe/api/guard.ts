import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { type Address, isLoopback } from "../../core/address.ts";
import { refusedResponse } from "../../http/refused.ts";
import { otherSiteIn, wrongHostIn } from "../../http/strangers.ts";

/** What the guard lets through. */
export interface GuardParts {
  readonly address: Address;
  /** Whoever has it may see payloads and change things. */
  readonly token: string;
}

/** What a request's sender may do. */
export interface Trust {
  /** Whether it may see payloads, and change things. */
  readonly trusted: boolean;
}

/** The name of the cookie in which a browser keeps the token. */
const cookie = "hopper_token";

// Probes and scrapers send no token, and learn nothing of messages.
const openPaths = new Set(["/healthz", "/readyz"]);

/**
 * Keeps strangers out: pages of other sites (`Host`, `Origin`, `Sec-Fetch-Site`), and whoever has no token where the
 * API is not on loopback. Sets `trusted` for those that have the token; only they may change anything.
 */
export function guard({ address, token }: GuardParts): MiddlewareHandler<{ Variables: Trust }> {
  const isLocal = isLoopback(address.hostname);
  return async (context, next) => {
    const { req } = context;
    // Beyond loopback any name can be right, and the token is needed for everything.
    const wrongHost = wrongHostIn(req.raw.headers, address);
    if (wrongHost) return refusedResponse(wrongHost);
    const isOpen = openPaths.has(req.path);
    const given = tokenIn(req.header("authorization"), req.header("cookie"), cookieName(address));
    const trusted = given !== undefined && isEqual(given.token, token);
    context.set("trusted", trusted);
    if (given !== undefined && !trusted && given.by === "header") return unauthorized(context.req.path);
    if (!isLocal && !trusted && !isOpen && !opensPage(req)) return unauthorized(req.path);
    if (!isRead(req.method)) {
      const otherSite = otherSiteIn(req.raw.headers);
      if (otherSite) return refusedResponse(otherSite);
      if (!trusted) return unauthorized(req.path);
    }
    return await next();
  };
}

/** The cookie that keeps the token for pages of this API only. */
export function tokenCookie(address: Address, token: string): string {
  return `${cookieName(address)}=${token}; Path=/; HttpOnly; SameSite=Strict`;
}

/** Whether a text is the token. It takes the same time for every text. */
export function isEqual(given: string, token: string): boolean {
  const [one, other] = [given, token].map((text) => new TextEncoder().encode(text));
  return one!.length === other!.length && timingSafeEqual(one!, other!);
}

/** A new token that nobody can guess. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(24)).toBase64({ alphabet: "base64url" });
}

// Cookies do not tell ports apart, and there may be several runtimes on this machine.
function cookieName({ port }: Address): string {
  return `${cookie}_${port}`;
}

function opensPage(req: { readonly path: string; query(name: string): string | undefined }): boolean {
  return req.path === "/" && req.query("token") !== undefined;
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function tokenIn(
  authorization: string | undefined,
  cookies: string | undefined,
  name: string,
): { readonly token: string; readonly by: "header" | "cookie" } | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
  if (bearer !== undefined) return { token: bearer, by: "header" };
  const kept = cookies?.split(/;\s*/).find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
  return kept === undefined ? undefined : { token: kept, by: "cookie" };
}

function unauthorized(path: string): Response {
  return refusedResponse({
    status: 401,
    code: "UNAUTHORIZED",
    detail: `${path} needs the token: open the page with the address that 'hopper run' printed, or send ` +
      "'Authorization: Bearer TOKEN'; it is in .hopper/admin.json, or as --admin-token gave it",
  });
}
