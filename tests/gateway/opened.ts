/** An app whose functions are open to HTTP, in the test's own process. */

import { openOutsideCaller } from "../../runtime/app/outside_caller.ts";
import type { HttpConfig } from "../../runtime/core/api/options.ts";
import { startGateway } from "../../runtime/gateway/mod.ts";
import type { Broker } from "../support/amqp.ts";
import { runApp, type TestAppOptions } from "../support/app.ts";

/** Tokens by the names of their variables. */
export const tokens: Readonly<Record<string, string>> = {
  SHOP_TOKEN: "shop-0123456789abcdef",
  BANK_TOKEN: "bank-0123456789abcdef",
};

export interface OpenedOptions extends Partial<Omit<TestAppOptions, "broker">> {
  readonly http?: HttpConfig;
  readonly hostname?: string;
}

/** Starts both; they are stopped when they go out of scope. */
export async function opened(broker: Broker, options: OpenedOptions) {
  const { http, hostname = "127.0.0.1", functions = {}, ...rest } = options;
  await using stack = new AsyncDisposableStack();
  const app = stack.use(await runApp({ functions, broker, ...rest }));
  const caller = await openOutsideCaller(broker.url, "hopper http");
  stack.defer(() => caller.close());
  const faults: string[] = [];
  const listeners = new Set<() => void>();
  const server = startGateway({
    address: { hostname, port: 0 },
    config: http,
    env: (name) => tokens[name],
    caller,
    functions: () => app.app.serving,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    version: "1.2.3",
    onFault: (message) => faults.push(message),
  });
  stack.defer(() => server.close());
  const url = `http://127.0.0.1:${server.port}`;
  const post = async (path: string, body?: BodyInit, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, { method: "POST", body, headers });
    // Read here, so that tests need not read what they do not look at.
    return new Response(await response.bytes(), response);
  };
  const owned = stack.move();
  return { app, url, server, post, faults, listeners, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The header that says who a client is. */
export const bearer = (variable: string) => ({ authorization: `Bearer ${tokens[variable]}` });

/** A JSON body's content type. */
export const json = { "content-type": "application/json" };
