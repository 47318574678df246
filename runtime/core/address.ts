import { ArgumentError } from "./api/errors.ts";

/** Where something listens. */
export interface Address {
  /** A name, or an IP address without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** Parses `HOST:PORT` or `PORT`. Throws an `ArgumentError` that says for `what` it is, and shows an example. */
export function parseAddress(text: string, what: string, example: string): Address {
  const match = /^(?:(\[[0-9a-fA-F:]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new ArgumentError(
      `'${text}' is not an address for ${what}; expected HOST:PORT, such as ${example}`,
    );
  }
  return { hostname: match[1]?.replace(/^\[|\]$/g, "") ?? "127.0.0.1", port };
}

/**
 * The address, if it is free now; with port 0 a port that is. `undefined`: another program listens there. Throws if the
 * host is none of this machine.
 */
export function freeAddress(address: Address): Address | undefined {
  try {
    using listener = Deno.listen({ hostname: address.hostname, port: address.port });
    return { hostname: address.hostname, port: (listener.addr as Deno.NetAddr).port };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

/** An address as `HOST:PORT`, an IPv6 address in brackets. */
export function addressText({ hostname, port }: Address): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** Whether only programs on this machine can connect to a host. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(hostname);
}
