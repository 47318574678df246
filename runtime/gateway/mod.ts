import type { Address } from "../core/address.ts";
import type { HttpConfig } from "../core/api/options.ts";
import { type HttpServer, serveHttp } from "../http/server.ts";
import { isLoopback } from "../core/address.ts";
import { accessOf } from "./access.ts";
import { maxWait } from "./incoming.ts";
import { type GatewayParts, gatewayRoutes } from "./routes.ts";

/** How a gateway is started. */
export interface GatewayOptions
  extends Pick<GatewayParts, "caller" | "functions" | "onChange" | "onFault" | "version"> {
  readonly address: Address;
  /** `http` in deploy.config.ts. */
  readonly config: HttpConfig | undefined;
  /** Variables of the environment. */
  readonly env: (name: string) => string | undefined;
}

const usualInFlight = 100;
const usualBody = 1024 * 1024;

/** Whoever holds a connection open costs little; whoever sends requests is limited by `inFlight`. */
const connections = 512;

/** What comes before and after the wait for a reply. */
const besidesMs = 60_000;

/**
 * Opens functions to programs that speak HTTP. Throws `Deno.errors.AddrInUse` if another program listens there, and an
 * error that says what to write if the configuration lets nobody in.
 */
export function startGateway({ address, config, env, ...parts }: GatewayOptions): HttpServer {
  const access = accessOf({ config, isLocal: isLoopback(address.hostname), env });
  const server = serveHttp(address, (request) => routes.fetch(request), {
    connections,
    body: config?.maxBody ?? usualBody,
    requestMs: maxWait + besidesMs,
  });
  const { hostname, port } = server;
  const inFlight = config?.inFlight ?? usualInFlight;
  const routes = gatewayRoutes({ ...parts, access, address: { hostname, port }, inFlight });
  return server;
}
