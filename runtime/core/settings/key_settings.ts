import * as z from "zod";

/** Where a message's key is: a path in its decoded body, a header, or what a function of the file says. */
export type KeySource =
  | { readonly kind: "body"; readonly path: readonly string[] }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "function" };

const maxPath = 200;

const path = z.string().regex(
  /^[^.\s]+(\.[^.\s]+)*$/,
  'Expected the name of a field, such as "customerId" or "customer.id"',
).max(maxPath, `Expected at most ${maxPath} characters`);

/** A key, as a file may say where it is. */
export const keySchema = z.union([
  path,
  z.strictObject({ header: z.string().min(1, "Expected a header's name") }),
  z.custom<(...args: never[]) => unknown>((value) => typeof value === "function"),
], 'Expected a field such as "customerId", { header: "x-tenant" }, or a function');

/** Where the key is that a file wrote. */
export function sourceOf(key: z.output<typeof keySchema>): KeySource {
  if (typeof key === "string") return { kind: "body", path: key.split(".") };
  return "header" in key ? { kind: "header", name: key.header } : { kind: "function" };
}

/** A key as people read it: `customerId`, `header x-tenant`, `a function`. */
export function describeKey(by: KeySource): string {
  if (by.kind === "body") return by.path.join(".");
  return by.kind === "header" ? `header ${by.name}` : "a function";
}
