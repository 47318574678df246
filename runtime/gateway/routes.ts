import { type Context, Hono } from "hono";
import type { Address } from "../core/address.ts";
import { describeError } from "../core/api/errors.ts";
import type { Declared } from "../core/declared.ts";
import type { OutsideCaller } from "../core/ports/outside_caller.ts";
import { BodyTooLarge } from "../http/refusal.ts";
import { within } from "../core/within.ts";
import { newMessageId } from "../core/message_id.ts";
import { type Access, type Client, mayCall, mayPublish, maySend } from "./access.ts";
import { deadlineIn, messageIdIn, messageIn } from "./incoming.ts";
import { answerMcp, type McpParts } from "./mcp.ts";
import { refusalOfError, Refused, refusedResponse } from "../http/refused.ts";
import { replyResponse } from "./reply.ts";
import { rpcsOf } from "./rpcs.ts";
import { Slots } from "./slots.ts";
import { strangerIn } from "../http/strangers.ts";

/** What the routes are made of. */
export interface GatewayParts extends Omit<McpParts, "slots"> {
  readonly address: Address;
  readonly access: Access;
  /** The functions that are served here now; `undefined` while the runtime starts. */
  readonly functions: () => readonly Declared[] | undefined;
  /** How many requests may be under way. */
  readonly inFlight: number;
  /** Told of errors that are Hopper's own. */
  readonly onFault: (message: string) => void;
}

/** Whoever sent the request. */
interface Variables {
  readonly client: Client;
}

type InRoute = Context<{ Variables: Variables }>;

/** Milliseconds that a message may take to be confirmed. */
const confirmMs = 30_000;

/** `POST /call/NAME`, `/send/QUEUE`, `/publish/EXCHANGE/KEY`, and `/mcp`, for clients that may do so. */
export function gatewayRoutes(parts: GatewayParts): Hono<{ Variables: Variables }> {
  const { address, access, caller, functions, onFault } = parts;
  const slots = new Slots(parts.inFlight);
  const rpcs = () => rpcsOf(functions() ?? []);
  const isServed = (name: string) => rpcs().some((rpc) => rpc.name === name);

  const send = async (context: InRoute, sending: Sending) => {
    slots.check();
    const { headers } = context.req.raw;
    const { body, ...said } = await messageIn(context.req.raw);
    const messageId = messageIdIn(headers) ?? newMessageId();
    const sent = await within(confirmMs, slots.use(() => sending(body, { ...said, messageId })));
    if (sent === "late") throw unconfirmed();
    return context.json({ messageId }, 202);
  };

  return new Hono<{ Variables: Variables }>()
    .use(async (context, next) => {
      if (functions() === undefined) throw new Refused(503, "STARTING", "The runtime is starting");
      const client = access.clientOf(context.req.header("authorization"));
      if (client === undefined) throw new Refused(401, "UNAUTHORIZED", "No client has this token");
      // Pages of other sites have no token.
      const stranger = client.name === undefined && strangerIn(context.req.raw.headers, address);
      if (stranger) return refusedResponse(stranger);
      context.set("client", client);
      requireReadablePath(context.req.url);
      await next();
    })
    .post("/call/:name{.+}", async (context) => {
      const name = context.req.param("name");
      const { raw } = context.req;
      const may = mayCall(context.get("client").rights, name, isServed);
      if (may === "unknown") throw notServed(name);
      requireRight(context, may, `call '${name}'`);
      slots.check();
      const { ms, applied } = deadlineIn(raw.headers);
      const { body, headers, contentType, contentEncoding } = await messageIn(raw);
      if (contentEncoding !== undefined) throw compressed();
      const options = { headers, contentType, timeout: ms, signal: raw.signal };
      const response = await replyResponse(await slots.use(() => caller.request(name, body, options)));
      if (applied !== undefined) response.headers.set("preference-applied", applied);
      return response;
    })
    .post("/send/:queue{.+}", (context) => {
      const queue = context.req.param("queue");
      requireRight(context, maySend(context.get("client").rights, queue), `send to queue '${queue}'`);
      return send(context, (body, options) => caller.send(queue, body, options));
    })
    .post("/publish/:exchange/:key{.*}?", (context) => {
      const { exchange, key = "" } = context.req.param();
      const what = `publish to exchange '${exchange}' with key '${key}'`;
      requireRight(context, mayPublish(context.get("client").rights, exchange, key), what);
      return send(context, (body, options) => caller.publish(exchange, key, body, options));
    })
    .all("/mcp", (context) => {
      const { rights } = context.get("client");
      requireRight(context, (rights.call ?? []).length > 0, "call anything");
      const tools = () => rpcs().filter(({ name }) => mayCall(rights, name, () => true));
      return answerMcp({ ...parts, slots }, context.req.raw, tools);
    })
    .all("*", ({ req }) => {
      const known = /^\/(call|send|publish)\/./.test(req.path);
      if (!known) throw new Refused(404, "NOT_FOUND", `There is no ${req.method} ${req.path} here`);
      const response = refusedResponse({
        status: 405,
        code: "METHOD_NOT_ALLOWED",
        detail: "Send it with POST",
      });
      response.headers.set("allow", "POST");
      return response;
    })
    .onError((error, { req }) => {
      const refusal = refusalOfError(error);
      if (refusal !== undefined) return refusedResponse(refusal);
      // Whoever left gets no answer; and the server answers for a body that is too large.
      if (!req.raw.signal.aborted && !(error instanceof BodyTooLarge)) {
        onFault(`${req.method} ${req.path} over HTTP failed: ${describeError(error)}`);
      }
      return refusedResponse({ status: 500, code: "INTERNAL", detail: "The request could not be answered" });
    });
}

type Sending = (body: Uint8Array | undefined, options: Parameters<OutsideCaller["send"]>[2]) => Promise<void>;

/** Refuses those that may not do something, without saying whether it is there. */
function requireRight(context: InRoute, may: boolean, what: string): void {
  if (may) return;
  const { name } = context.get("client");
  if (name === undefined) {
    throw new Refused(401, "UNAUTHORIZED", `To ${what} needs a token: send 'Authorization: Bearer TOKEN'`);
  }
  throw new Refused(
    403,
    "FORBIDDEN",
    `The client '${name}' may not ${what}; deploy.config.ts says in http.tokens what it may`,
  );
}

function notServed(name: string): Refused {
  return new Refused(
    404,
    "NO_SUCH_FUNCTION",
    `The functions folder has no rpc '${name}'; to call one that another runtime serves, write its whole name in ` +
      "deploy.config.ts",
  );
}

function compressed(): Refused {
  return new Refused(
    415,
    "UNSUPPORTED_ENCODING",
    "A call's body is not compressed; send it without Content-Encoding",
  );
}

function requireReadablePath(url: string): void {
  try {
    decodeURIComponent(new URL(url).pathname);
  } catch {
    throw new Refused(400, "BAD_REQUEST", "The path is not percent-encoded UTF-8");
  }
}

function unconfirmed(): Refused {
  return new Refused(
    503,
    "UNCONFIRMED",
    `The broker has not confirmed the message within ${
      confirmMs / 1000
    } s, and may still take it; send it again with ` +
      "the same Idempotency-Key",
  );
}
