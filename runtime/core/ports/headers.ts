/** A message's headers in the bytes of their table: read when somebody asks for them, and passed on as they are. */
export interface Headers {
  /** The entries, without the length that stands in front of them. */
  readonly bytes: Uint8Array;
  /** Why some cannot be read; nothing if all can. */
  readonly unreadable: string | undefined;
  /** The values of all that can be read, by name, without a prototype. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether there is one of this name. */
  has(name: string): boolean;
  /** The value of the one of this name; nothing where there is none, or it cannot be read. */
  get(name: string): unknown;
  /** The same without those that are not `kept`. */
  filter(kept: (name: string) => boolean): Headers;
  /** The same where the list of this name has only the items that are `kept`. */
  filterList(name: string, kept: (item: unknown) => boolean): Headers;
  /** The same where those that are `chosen` stand in a table of their own, of this name. */
  nest(name: string, chosen: (name: string) => boolean): Headers;
  /** The same where those in the table of this name stand beside the others. */
  unnest(name: string): Headers;
  /** The same with these, in the place of those of their names. */
  with(values: Readonly<Record<string, unknown>>): Headers;
}
