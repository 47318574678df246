/** A value that is there, or will be. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there already, so that what needs no waiting costs no promises. */
export function andThen<T, Result>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<Result>,
): MaybePromise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
