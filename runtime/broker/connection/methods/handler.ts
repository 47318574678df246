import type { Reader } from "../../../amqp/reader.ts";
import type { Channel } from "../channel.ts";

/** Reads the fields of a method and does what it says. */
export type Handler = (channel: Channel, fields: Reader) => void;

/** Methods and what they do. */
export type Handlers = readonly (readonly [method: number, handler: Handler])[];
