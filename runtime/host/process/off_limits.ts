import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { parseEndpoint } from "../../core/permissions/permission_entries.ts";
import { askedOf, type Bounds } from "../../core/permissions/permissions.ts";
import type { Service } from "../../core/ports/service.ts";

/** What leads to this machine without a network: whatever listens on it may be reached by several of them. */
const local: readonly string[] = ["127.0.0.0/8", "0.0.0.0", "[::1]", "[::]"];

// A resolver that does not answer keeps no function from starting: the runtime would not get to the broker either.
const lookupMs = 2_000;

/**
 * The runtime's own services, to which its functions' processes may not connect. Deno compares what is denied with
 * the address that a name has led to, so what it is given are addresses, and every one of a service.
 */
export class OffLimits {
  readonly #services: readonly Service[];
  /** The hosts of each service, as they were last looked up. */
  readonly #hosts = new Map<Service, readonly string[]>();

  constructor(services: readonly Service[]) {
    this.#services = services;
  }

  /** What to deny a function's process: every service but those that the operator names with their port. */
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

  /** The service that an endpoint with its port is of, as `127.0.0.1:5672`. */
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

/** Every address that leads to a service, as Deno takes it; its name where nothing says what that leads to. */
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
