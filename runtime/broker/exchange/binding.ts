import { Output } from "../../amqp/output.ts";
import { type Table, writeTable } from "../../amqp/table.ts";
import type { Profile } from "../profile.ts";
import type { Binding, Destination, Exchange } from "./exchange.ts";

export function bindingOf(
  source: Exchange,
  destination: Destination,
  key: string,
  args: Table,
  { integersMatchFloats }: Profile,
): Binding {
  const identity = identityOf(destination.kind, destination.name, key, args);
  return { source, destination, key, args, integersMatchFloats, identity };
}

/** The same text for the same destination, key and arguments; the order of the arguments makes no difference. */
export function identityOf(kind: Destination["kind"], name: string, key: string, args: Table): string {
  const out = new Output();
  writeTable(out, new Map([...args].sort(([a], [b]) => a < b ? -1 : 1)));
  return JSON.stringify([kind, name, key, out.copy().toString("latin1")]);
}
