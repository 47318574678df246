import { decoderFor } from "./charset.ts";

/** How long a decompressed body may be. */
export interface BodyLimit {
  readonly bytes: number;
  /** Where the limit comes from, to end the error's sentence: `, a quarter of …`. */
  readonly about?: string;
}

/** A decompressed body. */
export interface Decompressed {
  readonly ok: true;
  readonly body: Uint8Array;
  /** The charset, if one stood among the encodings: some clients put it there. */
  readonly charset?: string;
  /** An encoding that is not known here. It has not been undone. */
  readonly unknown?: string;
}

/** The decompressed body, or why it cannot be decompressed. */
export type Decompression = Decompressed | { readonly ok: false; readonly reason: string };

type Zlib = typeof import("node:zlib");
type Decompress = (zlib: Zlib, body: Uint8Array, max: number) => Uint8Array | Promise<Uint8Array>;

const byName: Readonly<Record<string, Decompress>> = {
  gzip: (zlib, body, max) => zlib.gunzipSync(body, { maxOutputLength: max }),
  "x-gzip": (zlib, body, max) => zlib.gunzipSync(body, { maxOutputLength: max }),
  deflate: (zlib, body, max) =>
    (isZlib(body) ? zlib.inflateSync : zlib.inflateRawSync)(body, { maxOutputLength: max }),
  br: brotli,
};

/** The known compressions, as a `contentEncoding` names them. */
export const compressions: readonly string[] = ["gzip", "deflate", "br"];

// Names that mean "not encoded".
const nothing = ["", "identity", "binary"];

// A limit for hostile messages: each encoding costs as much time as the first.
const maxEncodings = 5;

/** Whether a content encoding says that the body is compressed. */
export function isCompressed(contentEncoding: string | undefined): boolean {
  return typeof contentEncoding === "string" &&
    namesIn(contentEncoding).some((name) => Object.hasOwn(byName, name));
}

/**
 * Undoes a body's content encodings: `gzip`, `deflate`, `br`, or several with commas between them, in the order in which
 * they were applied. No step may give more bytes than the limit. Never rejects.
 */
export function decompress(
  body: Uint8Array,
  contentEncoding: string | undefined,
  limit: BodyLimit,
): Decompression | Promise<Decompression> {
  if (!contentEncoding) return { ok: true, body };
  const known: string[] = [];
  let charset: string | undefined, unknown: string | undefined;
  for (const name of namesIn(contentEncoding).reverse()) {
    if (Object.hasOwn(byName, name)) known.push(name);
    else if (decoderFor(name) !== undefined) charset = name;
    else {
      unknown = name;
      break;
    }
  }
  if (known.length === 0 || body.length === 0) return { ok: true, body, charset, unknown };
  if (known.length > maxEncodings) {
    const reason = `The body has ${known.length} content encodings; expected at most ${maxEncodings}`;
    return { ok: false, reason };
  }
  return undo(body, known, limit).then((result) => result.ok ? { ...result, charset, unknown } : result);
}

async function undo(
  packed: Uint8Array,
  names: readonly string[],
  { bytes, about = "" }: BodyLimit,
): Promise<Decompression> {
  // Loaded late, because it makes a process much slower to start, and few messages need it.
  const zlib = await import("node:zlib");
  let body = packed;
  for (const name of names) {
    try {
      body = await byName[name]!(zlib, body, bytes);
    } catch (error) {
      const reason = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE"
        ? `The body is too long once it is decompressed (${name}): expected at most ${bytes} bytes${about}`
        : `The body is not ${name}, as its content encoding says: ${(error as Error).message}`;
      return { ok: false, reason };
    }
  }
  return { ok: true, body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) };
}

function namesIn(contentEncoding: string): string[] {
  const names = contentEncoding.split(",").map((name) => name.trim().toLowerCase());
  return names.filter((name) => !nothing.includes(name));
}

// `deflate` means zlib's format, with a header. Some senders leave the header out.
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && (first << 8 | second) % 31 === 0;
}

// Two decoders: `node:zlib` in Deno has a size limit, but accepts data that is cut off; Deno's own refuses that.
async function brotli(zlib: Zlib, body: Uint8Array, max: number): Promise<Uint8Array> {
  zlib.brotliDecompressSync(body, { maxOutputLength: max });
  const whole = new Blob([new Uint8Array(body)]).stream().pipeThrough(new DecompressionStream("brotli"));
  return await new Response(whole).bytes();
}
