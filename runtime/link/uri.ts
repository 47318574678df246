import { ArgumentError } from "../core/api/errors.ts";

/** A parsed AMQP URI: where the broker is, and how to log in. */
export interface Address {
  readonly tls: boolean;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
  /** Seconds. */
  readonly heartbeat: number;
  /** An attempt to connect ends after this many milliseconds without an answer. */
  readonly connectTimeout: number;
  /** The most channels; 0: as the broker says. */
  readonly channelMax: number;
  /** Files in PEM format for TLS, if the system's certificates are not enough. */
  readonly files: TlsFiles;
  /** The URI without its password, to show to people. */
  readonly shown: string;
}

/** Paths of PEM files: whom to trust (`ca`), and who this side is (`cert`, `key`). */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const numbers = ["heartbeat", "connection_timeout", "channel_max"];
const files = { cacertfile: "ca", cafile: "ca", certfile: "cert", keyfile: "key" } as const;

const example = "amqp://user:password@host:5672/vhost";

/**
 * Parses an AMQP URI. Its query may have `heartbeat` (seconds), `connection_timeout` (milliseconds) and `channel_max`,
 * and for TLS `cacertfile` (or `cafile`), `certfile` and `keyfile`, as RabbitMQ documents them. Anything else is an error,
 * because its author relies on it. Throws an `ArgumentError` that says what is wrong, and never repeats the password.
 */
export function parseAmqpUri(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.hash || hidesPassword(text)) {
    throw new ArgumentError(
      "The broker's address has a '#', '?' or '/' before its host; in a user name or password write them " +
        `percent-encoded, as %23, %3F and %2F: amqp://user:pass%23word@host:5672`,
    );
  }
  if (url === undefined) throw new ArgumentError(`The broker's address is not a URL; expected ${example}`);
  if (url.protocol !== "amqp:" && url.protocol !== "amqps:") {
    throw new ArgumentError(
      `The broker's address begins with '${url.protocol}//'; expected ${example}, or amqps:// for TLS`,
    );
  }
  const tls = url.protocol === "amqps:";
  refuseUnknown(url, tls);
  const anonymous = url.username === "" && url.password === "";
  const username = anonymous ? "guest" : unescape(url.username, "user name");
  const vhost = unescape(url.pathname.slice(1), "vhost") || "/";
  const hostname = url.hostname.replace(/^\[|\]$/g, "") || "127.0.0.1";
  const port = url.port === "" ? (tls ? 5671 : 5672) : Number(url.port);
  return {
    tls,
    hostname,
    port,
    username,
    password: anonymous ? "guest" : unescape(url.password, "password"),
    vhost,
    heartbeat: number(url, "heartbeat", 10),
    connectTimeout: number(url, "connection_timeout", 3_000),
    channelMax: number(url, "channel_max", 0),
    files: Object.fromEntries(
      Object.entries(files).flatMap(([key, kind]) => {
        const path = url.searchParams.get(key);
        return path === null ? [] : [[kind, path]];
      }),
    ),
    shown: `${url.protocol}//${encodeURIComponent(username)}@${url.hostname || hostname}:${port}${
      vhost === "/" ? "" : `/${encodeURIComponent(vhost)}`
    }`,
  };
}

/** Parses one or more AMQP URIs with commas between them: the nodes of one cluster. Throws as `parseAmqpUri` does. */
export function parseAmqpUris(text: string): Address[] {
  return text.split(/,(?=amqps?:)/).map(parseAmqpUri);
}

function refuseUnknown({ searchParams }: URL, tls: boolean): void {
  for (const key of searchParams.keys()) {
    if (numbers.includes(key)) continue;
    const known = [...numbers, ...Object.keys(files)].join(", ");
    if (!(key in files)) {
      throw new ArgumentError(`'${key}' in the broker's address is not known; expected one of ${known}`);
    }
    if (!tls) {
      throw new ArgumentError(`'${key}' in the broker's address is for TLS; write amqps:// before it`);
    }
  }
}

// The first '#', '?' or '/' ends the host. If it is part of a password, the rest of the password would be misread.
function hidesPassword(text: string): boolean {
  const [, before = "", after = ""] = /^amqps?:\/\/([^#?/]*)[#?/]([^]*)$/i.exec(text) ?? [];
  return !before.includes("@") && before.includes(":") && after.includes("@");
}

function unescape(part: string, what: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ArgumentError(
      `The ${what} in the broker's address has a '%' that is not an escape; write it as %25`,
    );
  }
}

function number(url: URL, key: string, otherwise: number): number {
  const text = url.searchParams.get(key);
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text)) {
    throw new ArgumentError(`'${key}' in the broker's address is '${text}'; expected a whole number`);
  }
  return Number(text);
}
