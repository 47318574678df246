import { Buffer } from "node:buffer";

/** What amqplib delivers, as a plain Uint8Array: nobody shall find Buffer's other methods, nor write them into types. */
export function bytesOf({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
