/** Serves a built site on this machine. */

import { Hono } from "hono";
import { serveStatic } from "hono/deno";

/** A site that is served, until it goes out of scope. */
export interface Served extends AsyncDisposable {
  /** Ends with `/`. */
  readonly url: string;
}

/** Serves the files of a folder below a path such as `/hopper/`, on a free port of the loopback address. */
export function serveSite(folder: string, { path = "/" } = {}): Served {
  const app = new Hono();
  app.use(
    `${path}*`,
    serveStatic({ root: folder, rewriteRequestPath: (requested) => requested.slice(path.length - 1) }),
  );
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  return {
    url: `http://127.0.0.1:${server.addr.port}${path}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
