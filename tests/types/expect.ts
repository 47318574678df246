/** Checks of types. A file that imports these tests itself, because it must compile. */

/** `true` if the two types are the same. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only for `true`. */
export function expectType<_Holds extends true>(): void {}
