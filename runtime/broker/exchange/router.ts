import type { Table } from "../../amqp/table.ts";

/** What routing looks at in a message. Headers are decoded only when a headers exchange asks for them. */
export interface Routable {
  readonly keys: readonly string[];
  headers(): Table;
}

/** What routing looks at in a binding. */
export interface Rule<Destination> {
  readonly key: string;
  readonly args: Table;
  /** Whether 1 in these arguments matches 1.0 in a header. */
  readonly integersMatchFloats: boolean;
  readonly destination: Destination;
}

/** How one type of exchange finds the destinations of a message: the only thing in which the types differ. */
export interface Router<Destination> {
  add(rule: Rule<Destination>): void;
  remove(rule: Rule<Destination>): void;
  /** Calls `found` for every destination; a second call for the same one does no harm. */
  route(message: Routable, found: (destination: Destination) => void): void;
}
