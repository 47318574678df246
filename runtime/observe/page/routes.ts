import { Hono } from "hono";
import { pageFile } from "./files.ts";

/** What a browser may do for the page: load the runtime's own files, and ask the runtime. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  // The files belong to the version that runs, and are small: a new one is never mixed with an old one.
  "cache-control": "no-cache",
} as const;

const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** One file as it is sent. */
interface Sent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly type: string;
}

/**
 * The page: `/`, and its files below `/page/`. Each is read when it is first asked for, and then kept.
 *
 * ```ts ignore
 * const admin = new Hono().route("/", pageRoutes());
 * ```
 */
export function pageRoutes(): Hono {
  const kept = new Map<string, Promise<Sent>>();
  const fileAt = (address: string): Promise<Sent> | undefined => {
    const known = kept.get(address);
    if (known !== undefined) return known;
    const url = pageFile(address);
    if (url === undefined) return undefined;
    const file = read(url);
    kept.set(address, file);
    file.catch(() => kept.delete(address));
    return file;
  };
  const answer = async (address: string, known: string | undefined): Promise<Response> => {
    const file = await fileAt(address);
    if (file === undefined) return new Response("There is no such file\n", { status: 404, headers });
    const { bytes, etag, type } = file;
    if (known === etag) return new Response(null, { status: 304, headers: { ...headers, etag } });
    return new Response(bytes, { headers: { ...headers, etag, "content-type": type } });
  };
  return new Hono()
    .get("/", (context) => answer("/", context.req.header("if-none-match")))
    .get("/page/*", (context) => answer(context.req.path, context.req.header("if-none-match")));
}

async function read(url: URL): Promise<Sent> {
  const bytes = await Deno.readFile(url);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const extension = /\.m?([a-z]+)$/.exec(url.pathname)?.[1] ?? "";
  return {
    bytes,
    etag: `"${digest.toHex().slice(0, 16)}"`,
    type: types[extension] ?? "application/octet-stream",
  };
}
