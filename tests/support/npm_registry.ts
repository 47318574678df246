/** An npm registry that has the packed Hopper as if it were published, and forwards other requests to npm. */

import type { Package } from "../../.ci/pack.ts";

const elsewhere = "https://registry.npmjs.org";

/** A registry on this machine. */
export interface NpmRegistry {
  /** The value for `npm_config_registry` and Deno's `NPM_CONFIG_REGISTRY`. */
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves a package. */
export async function serveNpm({ tarball, description }: Package): Promise<NpmRegistry> {
  const bytes = await Deno.readFile(tarball);
  const integrity = `sha512-${new Uint8Array(await crypto.subtle.digest("SHA-512", bytes)).toBase64()}`;
  const { name, version } = description;
  const file = `/${name}/-/${version}.tgz`;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    const { pathname, origin } = new URL(url);
    if (decodeURIComponent(pathname) === file) return new Response(bytes);
    if (decodeURIComponent(pathname) !== `/${name}`) return Response.redirect(elsewhere + pathname, 302);
    const dist = { tarball: origin + file, integrity };
    return Response.json({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...description, dist } },
    });
  });
  return { url: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}
