import { brokerVariables } from "./broker_variables.ts";

/**
 * Variables that decide what Deno, V8, Node's parts of Deno and the C library load, write and trust in a process,
 * whatever its permissions say: no function's process is given them. `*` stands for the rest of a name.
 */
const steering: readonly string[] = [
  "DENO_*",
  "GCONV_PATH",
  "GETCONF_DIR",
  "GLIBC_TUNABLES",
  "HOSTALIASES",
  "ICU_*",
  "LD_*",
  "LOCALDOMAIN",
  "LOCPATH",
  "MALLOC_*",
  "NIS_PATH",
  "NLSPATH",
  "NODE_CHANNEL_*",
  "NODE_CLUSTER*",
  "NODE_ICU_DATA",
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_UNIQUE_ID",
  "NODE_V8_COVERAGE",
  "NPM_CONFIG_*",
  "OPENSSL_*",
  "OTEL_DENO*",
  "RESOLV_*",
  "RES_OPTIONS",
  "RUST_*",
  "SQLITE_TMPDIR",
  "SSLKEYLOGFILE",
  "TZDIR",
];

/** Variables by which a process connects elsewhere than its `net` says, or trusts whom nobody else does. */
const routing: readonly string[] = [
  "ALL_PROXY",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NODE_EXTRA_CA_CERTS",
  "NODE_USE_ENV_PROXY",
  "NODE_USE_SYSTEM_CA",
  "NO_PROXY",
];

/**
 * What a variable is for, where no file may ask for it by itself: `steers` a process and is given to none, decides
 * where it `routes` its connections to, or holds the `broker`'s password. An entry may be a pattern, as `LD_*`.
 */
export type Purpose = "steers" | "routes" | "broker";

/** See {@link Purpose}. */
export function purposeOf(entry: string): Purpose | undefined {
  // What a pattern names may be wanted for its other names, unless all of them are of one kind.
  const name = entry.replace(/\*$/, "");
  const isPattern = name !== entry;
  if (steering.some((known) => fits(known, name, isPattern))) return "steers";
  if (isPattern) return undefined;
  if (routing.includes(name.toUpperCase())) return "routes";
  return brokerVariables.some((variable) => variable === name) ? "broker" : undefined;
}

function fits(known: string, name: string, isPattern: boolean): boolean {
  return known.endsWith("*")
    ? name.toUpperCase().startsWith(known.slice(0, -1))
    : !isPattern && known === name.toUpperCase();
}
