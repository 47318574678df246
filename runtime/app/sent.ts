import { headline } from "../core/api/errors.ts";
import { errorType } from "../observe/metrics/error_type.ts";
import type { SendOperation, SentCount } from "../observe/metrics/source.ts";

type Counts = { count: number; readonly errors: Map<string, number> };

/** Counts what one function sends. It is asked for the counts, and tells nobody, so that a send costs one addition. */
export class Sent {
  readonly #counts: Record<SendOperation, Counts> = {
    send: { count: 0, errors: new Map() },
    publish: { count: 0, errors: new Map() },
    call: { count: 0, errors: new Map() },
  };

  add(operation: SendOperation): void {
    this.#counts[operation].count++;
  }

  failed(operation: SendOperation, error: unknown): void {
    const { errors } = this.#counts[operation];
    const type = errorType(headline(error));
    errors.set(type, (errors.get(type) ?? 0) + 1);
  }

  get counts(): SentCount[] {
    return Object.entries(this.#counts).flatMap(([name, { count, errors }]) => {
      const operation = name as SendOperation;
      const failed = [...errors].map(([error, count]) => ({ operation, error, count }));
      return count === 0 ? failed : [{ operation, count }, ...failed];
    });
  }
}
