/** A message's headers, kept as bytes. They are decoded when they are read, and passed on unchanged. */
export interface Headers {
  /** The bytes of the table, without its length at the start. */
  readonly bytes: Uint8Array;
  /** Why some headers cannot be decoded; `undefined` if all can. */
  readonly unreadable: string | undefined;
  /** The headers that can be decoded, in an object without a prototype. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether there is a header with this name. */
  has(name: string): boolean;
  /** The header's value; `undefined` if there is none, or if it cannot be decoded. */
  get(name: string): unknown;
  /** The same headers, but only those that are `kept`. */
  filter(kept: (name: string) => boolean): Headers;
  /** The same headers; the list with this name has only the items that are `kept`. */
  filterList(name: string, kept: (item: unknown) => boolean): Headers;
  /** The same headers; the `chosen` ones are moved into a nested table with this name. */
  nest(name: string, chosen: (name: string) => boolean): Headers;
  /** The same headers; those in the nested table with this name are moved out of it again. */
  unnest(name: string): Headers;
  /** The same headers, with these added. They replace headers with the same names. */
  with(values: Readonly<Record<string, unknown>>): Headers;
}
