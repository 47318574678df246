import type { Buffer } from "node:buffer";
import { FIELDS, flag, type PropertyName, readFlags } from "./properties.ts";
import { Reader } from "./reader.ts";

/** A message's properties in their bytes: where each is, to be read when somebody asks, or to go along as it is. */
export class PropertyBytes {
  readonly bytes: Buffer;
  /** By their index in `FIELDS`; 0 where there is none, as the flags are there. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Throws `Malformed`. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const reader = new Reader(bytes, 0, bytes.length);
    const flags = readFlags(reader);
    for (let index = 0; index < FIELDS.length; index++) {
      if ((flags & flag(index)) === 0) {
        this.#starts.push(0);
        this.#ends.push(0);
        continue;
      }
      this.#starts.push(reader.at);
      skip(reader, FIELDS[index]![1]);
      this.#ends.push(reader.at);
    }
  }

  /** A short string as text, with U+FFFD for what is no UTF-8. */
  text(name: PropertyName): string | undefined {
    const index = indexOf.get(name)!;
    const start = this.#starts[index]!;
    return start === 0 ? undefined : this.bytes.toString("utf8", start + 1, this.#ends[index]!);
  }

  octet(name: PropertyName): number | undefined {
    return this.part(name)?.[0];
  }

  /** Seconds since the epoch. */
  timestamp(name: PropertyName): bigint | undefined {
    return this.part(name)?.readBigUInt64BE();
  }

  /** The bytes of its value, as they came. */
  part(name: PropertyName): Buffer | undefined {
    const index = indexOf.get(name)!;
    const start = this.#starts[index]!;
    return start === 0 ? undefined : this.bytes.subarray(start, this.#ends[index]!);
  }
}

const indexOf: ReadonlyMap<PropertyName, number> = new Map(FIELDS.map(([name], index) => [name, index]));

function skip(reader: Reader, kind: typeof FIELDS[number][1]): void {
  switch (kind) {
    case "text":
      return reader.skip(reader.octet());
    case "table":
      return reader.skip(reader.long());
    case "octet":
      return reader.skip(1);
    case "timestamp":
      return reader.skip(8);
  }
}
