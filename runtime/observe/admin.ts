import { type Address, parseAddress } from "../core/address.ts";
import { serveHttp } from "../http/server.ts";
import { newToken } from "./api/guard.ts";
import { type HealthReport, healthRoutes } from "./api/health.ts";
import { adminApi, type ApiParts } from "./api/mod.ts";
import { refusedResponse } from "../http/refused.ts";

/** The address that the admin API listens on. */
export type AdminAddress = Address;

/** The running admin API. */
export interface Admin extends AdminAddress {
  /** Whoever has it may see payloads and change things. */
  readonly token: string;
  /** From now on it answers everything. Until then only health. */
  serve(parts: Omit<ApiParts, "address" | "token" | "health">): void;
  close(): Promise<void>;
}

/** How to start the admin API. */
export interface AdminOptions {
  readonly health: HealthReport;
  /** @default a new one */
  readonly token?: string;
}

// A call of an rpc may take that long.
const limits = { requestMs: 610_000 };

/** Starts the admin API. Throws `Deno.errors.AddrInUse` if another program listens there. */
export function startAdmin(
  { hostname, port }: AdminAddress,
  { health, token = newToken() }: AdminOptions,
): Admin {
  const starting = healthRoutes(health).notFound(() =>
    refusedResponse({ status: 503, code: "STARTING", detail: "The runtime is starting" })
  );
  let answer: (request: Request) => Response | Promise<Response> = (request) => starting.fetch(request);
  const server = serveHttp({ hostname, port }, (request) => answer(request), limits);
  const address = { hostname: server.hostname, port: server.port };
  return {
    ...address,
    token,
    serve(parts) {
      const api = adminApi({ ...parts, address, token, health });
      answer = (request) => api.fetch(request);
    },
    close: server.close,
  };
}

/** Parses `HOST:PORT` or `PORT`. Throws an `ArgumentError` that shows how to write it. */
export function parseAdminAddress(text: string): AdminAddress {
  return parseAddress(text, "the admin API", "127.0.0.1:8672");
}
