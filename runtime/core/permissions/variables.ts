import { brokerVariables } from "./broker_variables.ts";

/**
 * Variables that decide what Deno, V8, Deno's Node layer and the C library load, write and trust in a process. They go
 * around its permissions, so no function's process gets them. `*` stands for the rest of a name.
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

/** Variables that make a process connect to other hosts than its `net` says, or trust other certificates. */
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
 * Why a file may not ask for a variable by itself: it `steers` the process (no function gets it), it `routes` the
 * process's connections, or it holds the `broker`'s password.
 */
export type Purpose = "steers" | "routes" | "broker";

/** See {@link Purpose}. The entry may be a pattern, such as `LD_*`. */
export function purposeOf(entry: string): Purpose | undefined {
  // A pattern is refused only if everything it matches steers the process: it may be wanted for other names.
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
