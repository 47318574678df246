import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { parseEndpoint } from "../../core/permissions/permission_entries.ts";
import { askedOf, type Bounds } from "../../core/permissions/permissions.ts";
import type { Service } from "../../core/ports/service.ts";

/** Addresses of this machine itself. A service here may be reached by several of them. */
const local: readonly string[] = ["127.0.0.0/8", "0.0.0.0", "[::1]", "[::]"];

// A limit, so that a resolver without an answer cannot keep functions from starting.
const lookupMs = 2_000;

/**
 * The runtime's own services, which functions may not connect to. Deno compares the denied entries with the address that
 * a name resolved to, so every address of a service is denied.
 */
export class OffLimits {
  readonly #services: readonly Service[];
  /** The addresses of each service, from the last lookup. */
  readonly #hosts = new Map<Service, readonly string[]>();

  constructor(services: readonly Service[]) {
    this.#services = services;
  }

  /** The entries to deny a function: all services, except those that the operator names with their port. */
  async entriesFor({ ceiling }: Pick<Bounds, "ceiling">): Promise<string[]> {
    const entries = await Promise.all(this.#services.map(async (service) => {
      const hosts = await hostsOf(service);
      this.#hosts.set(service, hosts);
      const isNamed = ceiling &&
        askedOf(ceiling, "net").some((one) => one !== true && this.at(one) === service);
      return isNamed ? [] : hosts.map((host) => `${host}:${service.port}`);
    }));
    return [...new Set(entries.flat())];
  }

  /** The service at an endpoint such as `127.0.0.1:5672`; `undefined` if there is none. */
  at(endpoint: string): Service | undefined {
    const parsed = parseEndpoint(endpoint);
    if (parsed?.kind !== "host") return undefined;
    const { host, port } = parsed;
    return this.#services.find((service) => {
      const hosts = this.#hosts.get(service) ?? [];
      const isHere = hosts.includes(local[0]!) && (host === "localhost" || host.startsWith("127."));
      return service.port === port &&
        (isHere || host === bracketed(service.hostname) || hosts.includes(host));
    });
  }
}

/** Every address of a service, in Deno's notation; its name if it cannot be resolved. */
async function hostsOf({ hostname }: Service): Promise<readonly string[]> {
  const own = Deno.networkInterfaces().map(({ address }) => bracketed(address));
  const found = (await addressesOf(hostname)).map(bracketed);
  if (
    found.some((address) => local.includes(address) || address.startsWith("127.") || own.includes(address))
  ) {
    return [...local, ...own];
  }
  return found.length > 0 ? found : [hostname];
}

async function addressesOf(hostname: string): Promise<string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  const { promise: late, resolve } = Promise.withResolvers<[]>();
  const timer = setTimeout(() => resolve([]), lookupMs);
  const found = await Promise.race([lookup(hostname, { all: true }).catch(() => []), late]);
  clearTimeout(timer);
  return found.map(({ address }) => address);
}

function bracketed(address: string): string {
  const [bare = ""] = address.split("%");
  return bare.includes(":") ? `[${bare}]` : bare.toLowerCase();
}
