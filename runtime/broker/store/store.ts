import type { Buffer } from "node:buffer";
import type { Binding, Exchange } from "../exchange/exchange.ts";
import type { Profile } from "../profile.ts";
import type { Message } from "../queue/message.ts";
import type { EntryStore, Queue, QueueHost } from "../queue/queue.ts";

/** Told when what it published is safe. */
export interface Waiter {
  committed(): void;
}

/** A virtual host in which nothing is declared yet: a store fills it again with what it kept. */
export interface Restorable extends QueueHost {
  readonly profile: Profile;
  readonly exchanges: ReadonlyMap<string, Exchange>;
  readonly queues: ReadonlyMap<string, Queue>;
  restoreExchange(exchange: Exchange): void;
  restoreQueue(queue: Queue): void;
  restoreBinding(binding: Binding): void;
}

/**
 * What survives the process. Exchanges, queues and bindings are safe when a call returns; messages are after the next
 * commit.
 */
export interface Store extends EntryStore {
  /** Puts back what was kept. */
  recover(vhost: Restorable): void;

  saveExchange(exchange: Exchange): void;
  deleteExchange(exchange: Exchange): void;
  saveQueue(queue: Queue): void;
  deleteQueue(queue: Queue): void;
  saveBinding(binding: Binding): void;
  deleteBinding(binding: Binding): void;

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
      throw new Error("A broker that keeps everything in memory has a message without its bytes");
    },
    pending: false,
    whenCommitted: (waiter) => waiter.committed(),
    commit: () => true,
    close() {},
  };
}
