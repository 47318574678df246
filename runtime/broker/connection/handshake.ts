import { Buffer } from "node:buffer";
import { AmqpError } from "../errors.ts";
import { Reader } from "../../amqp/reader.ts";
import { connectionOpenOk, connectionStart, connectionTune } from "../protocol/replies.ts";
import { type Field, longstr, readTable, type Table } from "../../amqp/table.ts";
import { Method } from "../../amqp/method.ts";
import type { Connection } from "./connection.ts";

const protocolHeader = Buffer.from("AMQP\0\0\x09\x01", "latin1");

const bool = (value: boolean): Field => ({ type: "bool", value });

/**
 * Clients, and their own tests, look at product and version to learn what a broker can do. They are told the RabbitMQ
 * that this one behaves as; the other properties tell people which broker it is.
 */
const serverProperties = (version: string): Table =>
  new Map<string, Field>([
    ["capabilities", {
      type: "table",
      value: new Map<string, Field>([
        ["publisher_confirms", bool(true)],
        ["exchange_exchange_bindings", bool(true)],
        ["basic.nack", bool(true)],
        ["consumer_cancel_notify", bool(true)],
        ["connection.blocked", bool(true)],
        ["consumer_priorities", bool(true)],
        ["authentication_failure_close", bool(true)],
        ["per_consumer_qos", bool(true)],
        ["direct_reply_to", bool(true)],
      ]),
    }],
    ["product", longstr("RabbitMQ")],
    ["version", longstr(version)],
    ["platform", longstr("Hopper, the embedded broker")],
    ["cluster_name", longstr("hopper@localhost")],
    ["copyright", longstr("Copyright the Hopper authors")],
    ["information", longstr("The AMQP 0-9-1 broker embedded in Hopper")],
  ]);

/** Reads the protocol header and returns how many bytes it took: 0 while it is not complete. */
export function readProtocolHeader(connection: Connection, bytes: Buffer): number {
  const size = Math.min(bytes.length, protocolHeader.length);
  if (!bytes.subarray(0, size).equals(protocolHeader.subarray(0, size))) {
    connection.out.raw(offered(connection, bytes));
    connection.hangUp();
    return bytes.length;
  }
  if (size < protocolHeader.length) return 0;
  connection.session.greeted();
  connectionStart(connection.out, serverProperties(connection.vhost.profile.version));
  return protocolHeader.length;
}

/** The protocol that a client is told to use: 0-9-1 to one that asks for another version of it, else the best one. */
function offered({ vhost: { profile } }: Connection, bytes: Buffer): Buffer {
  const isAnotherVersion = bytes.subarray(0, 7).equals(protocolHeader.subarray(0, 7));
  return isAnotherVersion ? protocolHeader : Buffer.from(profile.bestProtocol, "latin1");
}

/** connection.start-ok: who the client is. Checks its password. */
export function startOk(connection: Connection, fields: Reader): void {
  const clientProperties = readTable(fields);
  const mechanism = fields.shortString();
  const response = fields.longString();
  connection.session.introduced(capabilitiesIn(clientProperties));
  const login = readLogin(mechanism, response);
  if (!login) return connection.end();
  const { user, password, limits } = connection.shared;
  if (login.user !== user || login.password !== password) return refuseLogin(connection, mechanism);
  connection.session.loggedIn(user);
  connectionTune(connection.out, limits.channels, limits.frameSize, limits.heartbeat);
}

/** connection.tune-ok: what the client agrees to. A value that is not allowed ends the connection. */
export function tuneOk(connection: Connection, fields: Reader): void {
  const channelMax = fields.short(), frameMax = fields.long(), heartbeat = fields.short();
  const { limits, vhost: { profile } } = connection.shared;
  const isAgreed = channelMax > 0 && channelMax <= limits.channels &&
    frameMax >= profile.frameMin && frameMax <= limits.frameSize;
  if (!isAgreed) return connection.end();
  connection.session.tuned(channelMax, frameMax);
  connection.beatEvery(heartbeat);
}

/** connection.open: there is one virtual host, `/`. */
export function open(connection: Connection, fields: Reader): void {
  const name = fields.shortString();
  if (name !== "/") {
    return connection.fail(new AmqpError("not_allowed", `vhost ${name} not found`), Method.ConnectionOpen);
  }
  connection.opened();
  connectionOpenOk(connection.out);
}

interface Login {
  user: string;
  password: string;
}

function readLogin(mechanism: string, response: string): Login | undefined {
  if (mechanism === "PLAIN") {
    const [, user, password] = response.split("\0");
    return user === undefined || password === undefined ? undefined : { user, password };
  }
  if (mechanism !== "AMQPLAIN") return undefined;
  const size = Buffer.alloc(4);
  size.writeUInt32BE(response.length);
  const bytes = Buffer.concat([size, Buffer.from(response, "latin1")]);
  const table = readTable(new Reader(bytes, 0, bytes.length));
  const user = table.get("LOGIN"), password = table.get("PASSWORD");
  if (user?.type !== "longstr" || password?.type !== "longstr") return undefined;
  return { user: user.value, password: password.value };
}

function refuseLogin(connection: Connection, mechanism: string): void {
  if (connection.session.capabilities.has("authentication_failure_close")) {
    const text =
      `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`;
    connection.sayClose(new AmqpError("access_refused", text), 0);
  } else {
    connection.dropLater();
  }
}

function capabilitiesIn(properties: Table): ReadonlySet<string> {
  const field = properties.get("capabilities");
  if (field?.type !== "table") return new Set();
  return new Set([...field.value].filter(([, { value }]) => value === true).map(([name]) => name));
}
