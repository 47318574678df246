import type { IdServer, IdServerKind, OpenIdServer } from "../core/ports/id_server.ts";
import { type StoreAddress, storeAddress } from "./address.ts";
import { idsInPostgres } from "./postgres.ts";
import { idsInRedis } from "./redis.ts";

const kinds: Readonly<Record<IdServerKind, (address: StoreAddress) => IdServer>> = {
  redis: idsInRedis,
  postgres: idsInPostgres,
};

/** A store, and how many functions use it. */
interface Opened {
  readonly server: IdServer;
  users: number;
}

/** Opens the stores of handled ids of one runtime. Its functions share them. */
export function openIdServers(
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
): OpenIdServer {
  const opened = new Map<string, Opened>();
  return (kind, name) => {
    const address = storeAddress(kind, name, variable(name));
    const which = `${kind} ${address.url}`;
    const one = opened.get(which) ?? { server: kinds[kind](address), users: 0 };
    opened.set(which, one);
    one.users++;
    let closed = false;
    return {
      ...one.server,
      async close() {
        if (closed) return;
        closed = true;
        if (--one.users > 0) return;
        opened.delete(which);
        await one.server.close();
      },
    };
  };
}
