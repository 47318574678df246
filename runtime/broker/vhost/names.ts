import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";

/** A name that the broker chooses and nobody can guess: `amq.gen-` and 22 characters. */
export function generatedName(prefix: "amq.gen" | "amq.ctag"): string {
  return `${prefix}-${token()}`;
}

/** 128 random bits in 22 characters. */
export function token(): string {
  return Buffer.from(randomBytes(16)).toString("base64url");
}

/** A name without its line breaks, as RabbitMQ stores it. */
export function stripLineBreaks(name: string): string {
  return name.replace(/[\r\n]/g, "");
}
