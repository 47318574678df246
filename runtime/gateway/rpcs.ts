import type { Contract } from "../core/contract.ts";
import type { Declared } from "../core/declared.ts";

/** An rpc of the functions folder. */
export interface Rpc {
  /** The name that it is called by. */
  readonly name: string;
  readonly contract: Contract;
}

/** The rpcs among functions, by the names that they are called by. */
export function rpcsOf(functions: readonly Declared[]): ReadonlyMap<string, Rpc> {
  return new Map(
    functions.flatMap(({ trigger, contract }) =>
      trigger.kind === "rpc" ? [[trigger.name, { name: trigger.name, contract }]] : []
    ),
  );
}
