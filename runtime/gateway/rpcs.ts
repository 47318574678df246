import type { Contract } from "../core/contract.ts";
import type { Declared } from "../core/declared.ts";

/** An rpc of the functions folder. */
export interface Rpc {
  /** The name that it is called by. */
  readonly name: string;
  readonly contract: Contract;
}

/** The rpcs among functions. */
export function rpcsOf(functions: readonly Declared[]): Rpc[] {
  return functions.flatMap(({ trigger, contract }) =>
    trigger.kind === "rpc" ? [{ name: trigger.name, contract }] : []
  );
}
