import { Calls } from "../client/calls.ts";
import { Delays } from "../client/delay/delays.ts";
import { inTrace } from "../client/in_trace.ts";
import { createSender } from "../client/sender.ts";
import { ServedRpcs } from "../client/served.ts";
import type { Caller } from "../core/api/context.ts";
import { problemContentType } from "../core/api/problem.ts";
import { ConnectionLost } from "../core/ports/amqp_errors.ts";
import { toMilliseconds } from "../core/api/duration.ts";
import type { OutsideCaller } from "../core/ports/outside_caller.ts";
import { within } from "../core/within.ts";
import type { Reply } from "../link/call_channel.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import { Supervisor } from "../link/supervisor.ts";
import { parseAmqpUris } from "../link/uri.ts";
import { openTracing } from "../trace/mod.ts";

// Whoever asks over HTTP is told soon that the broker is away, and can try again.
const usualConnectMs = 5_000;

// A broker that confirms nothing shall not keep the runtime from ending.
const closeMs = 5_000;

/** Sends and calls for those who are no function. */
export interface OpenOutsideCaller extends OutsideCaller {
  /** Waits for what is being sent, and closes the connection. */
  close(): Promise<void>;
}

/**
 * Opens a caller on a connection of its own, so that it costs the functions nothing. `broker` is as in `AppOptions`;
 * `name` is the connection's in the broker's tools. While the broker is away, they wait `connectMs` milliseconds for it.
 */
export async function openOutsideCaller(
  broker: string,
  name: string,
  connectMs = usualConnectMs,
): Promise<OpenOutsideCaller> {
  const addresses = parseAmqpUris(broker);
  const tracing = await openTracing(addresses);
  const link = new Supervisor({
    addresses,
    name,
    role: "publisher",
    // Its state is not the runtime's: whoever asks gets the error.
    emit: () => {},
  });
  const publisher = new ConfirmedPublisher(link, { connectMs });
  const calls = new Calls(link, new ServedRpcs(link));
  const plain: Caller = {
    ...createSender(publisher, calls, new Delays(link)),
    call: (name, input, options = {}) => calls.request(name, input, options) as Promise<never>,
  };
  const { send, publish, call } = tracing ? inTrace(plain, { tracing }) : plain;
  return {
    send: (queue, body = nothing, options) => send(queue, body, options),
    publish: (exchange, routingKey, body = nothing, options) => publish(exchange, routingKey, body, options),
    async request(name, body, options) {
      const waitMs = Math.min(connectMs, toMilliseconds(options.timeout ?? connectMs, "timeout"));
      if (link.current === undefined && await within(waitMs, link.connection()) === "late") {
        throw new ConnectionLost(`calling rpc '${name}', and did not come back within ${waitMs} ms`);
      }
      const { body: reply, properties } = await call<Reply>(name, body, options);
      const { type, contentType, contentEncoding } = properties;
      return {
        body: reply,
        contentType,
        contentEncoding,
        isError: type === "error" || contentType === problemContentType,
      };
    },
    async close() {
      await within(closeMs, Promise.all([publisher.close(), calls.close()]));
      await link.close();
    },
  };
}

const nothing: unknown = null;
