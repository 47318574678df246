import type { Confirms } from "./confirms.ts";
import type { Transaction } from "./transaction.ts";

/** A channel confirms its publishes, or has transactions, or neither. The first choice is final. */
export type ChannelMode =
  | { readonly kind: "plain" }
  | { readonly kind: "confirm"; readonly confirms: Confirms }
  | { readonly kind: "tx"; readonly transaction: Transaction };
