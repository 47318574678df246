import type { PermissionOptions } from "../api/options.ts";
import { ownFolder } from "../own_files.ts";
import { filesIn } from "../text/locate.ts";

/** What a package's native code needs to be found and loaded. Once it is, no permission holds it back. */
export const nativePermissions: PermissionOptions = { read: true, ffi: true, sys: true };

/** What to know of native code beside its permissions. */
export const aboutNativeCode =
  "Deno loads native code only if it uses Node-API, and Hopper runs no install scripts of packages: one without native " +
  "code may be simpler, such as node:sqlite for SQLite";

/** Packages by which others find their native code, and the variables that they look for. */
const loaders: Readonly<Record<string, readonly string[]>> = {
  "bindings": ["NODE_BINDINGS_ARROW", "NODE_BINDINGS_COMPILED_DIR"],
  "node-gyp-build": [
    "ELECTRON_RUN_AS_NODE",
    "LIBC",
    "PREBUILDS_ONLY",
    "npm_config_arch",
    "npm_config_platform",
  ],
  "node-gyp-build-optional-packages": ["LIBC", "PREBUILDS_ONLY", "npm_config_arch", "npm_config_platform"],
  "@mapbox/node-pre-gyp": [],
};

/** Whether a package does nothing but find the native code of others. */
export function isNativeLoader(name: string): boolean {
  return Object.hasOwn(loaders, name);
}

/** What is needed to load native code, if an error's stack begins in a package that loads it. */
export function nativeNeeds(stack: string): PermissionOptions | undefined {
  const path = filesIn(stack).find((file) => !file.startsWith(ownFolder.href)) ?? "";
  const name = Object.keys(loaders).find((name) =>
    path.includes(`/node_modules/${name}/`) || /\/npm\/[^/]+$/.test(path.split(`/${name}/`, 1)[0]!)
  );
  if (name === undefined) return undefined;
  const env = loaders[name]!;
  return { ...nativePermissions, ...env.length > 0 && { env: [...env] } };
}
