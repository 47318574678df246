import type { Buffer } from "node:buffer";
import type { Binding, Exchange } from "../exchange/exchange.ts";
import type { Entry, Message } from "../queue/message.ts";
import type { VirtualHost } from "../vhost/vhost.ts";
import type { Queue } from "../queue/queue.ts";

/** Told when what it published is safe. */
export interface Waiter {
  committed(): void;
}

/** What survives the process. Topology is safe when a call returns; messages are after the next commit. */
export interface Store {
  /** Puts back into an empty virtual host what was kept. */
  recover(vhost: VirtualHost): void;

  saveExchange(exchange: Exchange): void;
  deleteExchange(exchange: Exchange): void;
  saveQueue(queue: Queue): void;
  deleteQueue(queue: Queue): void;
  saveBinding(binding: Binding): void;
  deleteBinding(binding: Binding): void;

  insert(queue: Queue, entry: Entry): void;
  remove(queue: Queue, entry: Entry): void;
  /** The entry was handed to a consumer: should it come back after a crash, it is redelivered. */
  delivered(queue: Queue, entry: Entry): void;
  /** Properties and body of a message that is no longer in memory. */
  load(message: Message): Buffer;

  /** Whether an insert waits for the next commit, so that its publisher must wait too. */
  readonly pending: boolean;
  /** Calls the waiter once all that was said until now is committed. */
  whenCommitted(waiter: Waiter): void;
  /** False where the disk did not take it: then it is tried again, and nothing is forgotten until it does. */
  commit(): boolean;
  close(): void;
}

/** The store of a broker that forgets: nothing is written, nothing waits. */
export function memoryStore(): Store {
  return {
    recover() {},
    saveExchange() {},
    deleteExchange() {},
    saveQueue() {},
    deleteQueue() {},
    saveBinding() {},
    deleteBinding() {},
    insert() {},
    remove() {},
    delivered() {},
    load() {
      throw new Error("A message without its bytes in a broker without a store");
    },
    pending: false,
    whenCommitted: (waiter) => waiter.committed(),
    commit: () => true,
    close() {},
  };
}
