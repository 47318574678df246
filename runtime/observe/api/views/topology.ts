import type { FunctionState } from "./functions.ts";
import type { QueueView } from "./queues.ts";

/** `GET /api/topology`: exchange → binding → queue → function, as the functions here need it. */
export interface TopologyView {
  readonly exchanges: readonly {
    readonly name: string;
    readonly type: string;
    /** The functions that publish to it. */
    readonly emitters: readonly string[];
    /** Messages that functions published there and no queue took. */
    readonly unrouted: number;
    /** Whether no queue of these functions is bound to it. */
    readonly unbound: boolean;
  }[];
  readonly bindings: readonly { readonly exchange: string; readonly queue: string; readonly key: string }[];
  readonly queues: readonly (QueueView & {
    /** Whether nothing consumes it. */
    readonly unconsumed: boolean;
  })[];
  readonly functions: readonly {
    readonly name: string;
    readonly queue: string;
    readonly state: FunctionState;
  }[];
}
