import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";

/** A name nobody can guess, as the server gives it: `amq.gen-` and 22 characters. */
export function generatedName(prefix: "amq.gen" | "amq.ctag"): string {
  return `${prefix}-${token()}`;
}

/** 128 random bits in 22 characters. */
export function token(): string {
  return Buffer.from(randomBytes(16)).toString("base64url");
}

/** Names lose their line breaks. */
export function stripLineBreaks(name: string): string {
  return name.replace(/[\r\n]/g, "");
}
