import { type IdServerKind, StoreAddressError } from "../core/ports/id_server.ts";

const schemes: Readonly<Record<IdServerKind, readonly string[]>> = {
  redis: ["redis:", "rediss:"],
  postgres: ["postgres:", "postgresql:"],
};

const examples: Readonly<Record<IdServerKind, string>> = {
  redis: "redis://:password@host:6379/0",
  postgres: "postgres://user:password@host:5432/database",
};

/** Where a store is. */
export interface StoreAddress {
  /** With the password: never shown. */
  readonly url: string;
  /** For errors: `Redis at 10.0.0.5:6379 (REDIS_URL)`. */
  readonly shown: string;
}

/**
 * Reads a store's address from a variable.
 *
 * @throws {StoreAddressError} that names the variable, but not what is in it
 */
export function storeAddress(
  kind: IdServerKind,
  variable: string,
  value: string | undefined,
): StoreAddress {
  const write = `set it to one, such as ${examples[kind]}`;
  const whose = `the address of the ${title(kind)} that remembers handled ids`;
  if (value === undefined || value === "") {
    throw new StoreAddressError(`The runtime's variable ${variable}, ${whose}, is not set; ${write}`);
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !schemes[kind].includes(url.protocol) || url.hostname === "") {
    throw new StoreAddressError(
      `The runtime's variable ${variable} is not ${whose}: expected a URL that begins with ${
        schemes[kind].map((scheme) => `${scheme}//`).join(" or ")
      }; ${write}`,
    );
  }
  return { url: value, shown: `${title(kind)} at ${url.host} (${variable})` };
}

function title(kind: IdServerKind): string {
  return kind === "redis" ? "Redis" : "PostgreSQL";
}
