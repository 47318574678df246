import { createHash } from "node:crypto";
import { HopperError } from "../core/api/errors.ts";
import type { HttpClient, HttpConfig, HttpRights } from "../core/api/options.ts";
import { globMatches } from "../core/settings/glob.ts";

/** Who asks, and what that client may do. */
export interface Client {
  /** `undefined` without a token. */
  readonly name: string | undefined;
  readonly rights: HttpRights;
}

/** Tells who asks. */
export interface Access {
  /** The client with this `Authorization` header; `undefined` if there is a token and nobody has it. */
  clientOf(authorization: string | undefined): Client | undefined;
}

/** What access is decided from. */
export interface AccessParts {
  /** `http` in deploy.config.ts. */
  readonly config: HttpConfig | undefined;
  /** Whether only programs on this machine can connect. */
  readonly isLocal: boolean;
  readonly env: (name: string) => string | undefined;
}

const minToken = 16;

// A program on this machine reaches the embedded broker as well.
const localDefault: HttpRights = { call: ["*"] };

/**
 * Reads the tokens from their variables. Throws an error that says what to write if a token is missing, short or another
 * client's, or if nobody would be let in.
 */
export function accessOf({ config, isLocal, env }: AccessParts): Access {
  const { tokens = {}, anonymous } = config ?? (isLocal ? { anonymous: localDefault } : {});
  if (Object.keys(tokens).length === 0 && anonymous === undefined) {
    throw new HopperError(
      "HTTP_CLOSED",
      "--http would let nobody in: deploy.config.ts names no client; write: http: { tokens: { shop: { env: " +
        '"SHOP_TOKEN", call: ["orders.*"] } } }',
    );
  }
  const clients = new Map<string, Client>();
  for (const [name, client] of Object.entries(tokens)) {
    const digest = digestOf(tokenOf(name, client, env));
    const other = clients.get(digest);
    if (other) throw wrong(name, `has the same token as '${other.name}'; give each client its own`);
    clients.set(digest, { name, rights: client });
  }
  return {
    clientOf(authorization) {
      if (authorization === undefined) return { name: undefined, rights: anonymous ?? {} };
      const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
      return token === undefined ? undefined : clients.get(digestOf(token));
    },
  };
}

function tokenOf(name: string, { env: variable }: HttpClient, env: AccessParts["env"]): string {
  const token = env(variable);
  if (token === undefined || token === "") {
    throw wrong(name, `has its token in the variable '${variable}', which is not set`);
  }
  if (token.length < minToken || /\s/.test(token)) {
    throw wrong(
      name,
      `has a token in '${variable}' that is no good; expected at least ${minToken} characters and no space, such as ` +
        "from: openssl rand -hex 24",
    );
  }
  return token;
}

function wrong(name: string, what: string): HopperError {
  return new HopperError("HTTP_TOKEN", `deploy.config.ts: http.tokens: '${name}' ${what}`);
}

// Tokens are looked up by their digests, whose comparison tells nothing of the token.
function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

/** Whether an rpc is served here. */
export type Served = (name: string) => boolean;

/**
 * Whether an rpc may be called. A glob is for those that are served here, as any queue's name could be called: others are
 * `unknown` to it.
 */
export function mayCall({ call = [] }: HttpRights, name: string, served: Served): boolean | "unknown" {
  if (call.includes(name)) return true;
  if (!call.some((glob) => globMatches(glob, name))) return false;
  return served(name) || "unknown";
}

/** Whether a queue may be sent to. */
export function maySend({ send = [] }: HttpRights, queue: string): boolean {
  return send.some((glob) => globMatches(glob, queue));
}

/** Whether an exchange may be published to with a key. */
export function mayPublish({ publish = [] }: HttpRights, exchange: string, key: string): boolean {
  return publish.some((target) => {
    const slash = target.indexOf("/");
    return globMatches(target.slice(0, slash), exchange) && globMatches(target.slice(slash + 1), key);
  });
}
