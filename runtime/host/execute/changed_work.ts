import { ArgumentError } from "../../core/api/errors.ts";
import type { ChangedMessage, Next } from "../../core/api/middleware.ts";
import { type Batch, isBatch, type Item, type Job, type Work } from "../../core/ports/host.ts";
import { shown } from "../../core/text/shown.ts";
import { isRecord } from "../../core/values.ts";

type Changed = Parameters<Next>[0];

/** The messages of a run: one, or those of its batch. */
export function itemsOf(work: Work): readonly Item[] {
  return isBatch(work) ? work.items : [work];
}

/** What work asks of the runtime, for messages as they arrived. */
function asking(work: Work): Omit<Work, keyof Item> {
  const { callerUntil, beginBy, span } = work;
  return {
    callerUntil,
    beginBy,
    span,
    get caller() {
      return work.caller;
    },
    log: work.log.bind(work),
    settle: work.settle.bind(work),
  };
}

/** A job for one message, with what other work asks of the runtime. */
export function jobOf(work: Work, { message, headers, attempt }: Item): Job {
  return Object.assign(asking(work), { message, headers, attempt });
}

/** A batch of these messages, with what other work asks of the runtime. */
export function batchOf(work: Work, items: readonly Item[], itemEnded: Batch["itemEnded"]): Batch {
  return Object.assign(asking(work), { items, itemEnded });
}

/** The same work with other messages. */
function withItems(work: Work, items: readonly Item[]): Work {
  return isBatch(work) ? batchOf(work, items, work.itemEnded.bind(work)) : jobOf(work, items[0]!);
}

/** What a middleware passes on: the same work, with what it changes of the messages. */
export function changedWork(work: Work, changed: Changed): Work {
  if (changed === undefined) return work;
  const items = itemsOf(work);
  const list: readonly unknown[] = Array.isArray(changed) ? changed : [changed];
  if (list.length !== items.length) {
    throw new ArgumentError(
      `next() got changes of ${list.length} messages, and the run has ${items.length}; ` +
        "write: next(run.messages.map((message) => ({ body: … })))",
    );
  }
  return withItems(work, items.map((item, index) => changedItem(item, list[index])));
}

function changedItem(item: Item, changed: unknown): Item {
  if (!isRecord(changed)) {
    throw new ArgumentError(`next() got ${shown(changed)}; write: next({ body })`);
  }
  const { body = item.message.body, contentType = item.message.contentType } = changed as ChangedMessage;
  if (!(body instanceof Uint8Array)) {
    throw new ArgumentError(`next() got a body that is ${shown(body)}; expected bytes, as a Uint8Array`);
  }
  const contentEncoding = "contentEncoding" in changed
    ? changed.contentEncoding as string | undefined
    : item.message.contentEncoding;
  const { headers, attempt } = item;
  return { headers, attempt, message: { ...item.message, body, contentType, contentEncoding } };
}
