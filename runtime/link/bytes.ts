import { Buffer } from "node:buffer";

/** A Buffer from amqplib as a plain Uint8Array, so that handlers do not rely on Buffer's methods. */
export function bytesOf({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
