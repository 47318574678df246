import { decoderFor } from "./charset.ts";

/** How long a body may become. */
export interface BodyLimit {
  readonly bytes: number;
  /** What the limit is, for whoever meets it: `, a quarter of …`. */
  readonly about?: string;
}

/** A body as it was before it was compressed. */
export interface Decompressed {
  readonly ok: true;
  readonly body: Uint8Array;
  /** The charset that stood among its encodings, as some clients have it. */
  readonly charset?: string;
  /** An encoding that nobody here knows: the body is as that made it. */
  readonly unknown?: string;
}

/** The body, or why it cannot be had. */
export type Decompression = Decompressed | { readonly ok: false; readonly reason: string };

type Zlib = typeof import("node:zlib");
type Decompress = (zlib: Zlib, body: Uint8Array, most: number) => Uint8Array | Promise<Uint8Array>;

const byName: Readonly<Record<string, Decompress>> = {
  gzip: (zlib, body, most) => zlib.gunzipSync(body, { maxOutputLength: most }),
  "x-gzip": (zlib, body, most) => zlib.gunzipSync(body, { maxOutputLength: most }),
  deflate: (zlib, body, most) =>
    (isZlib(body) ? zlib.inflateSync : zlib.inflateRawSync)(body, { maxOutputLength: most }),
  br: brotli,
};

/** The names of what compresses, as `contentEncoding` has them. */
export const compressions: readonly string[] = ["gzip", "deflate", "br"];

// What says that nothing was done.
const nothing = ["", "identity", "binary"];

// Each of a chain takes as long as the first, and nobody compresses what is compressed so often.
const maxEncodings = 5;

/** Whether a content encoding says that the body is compressed. */
export function isCompressed(contentEncoding: string | undefined): boolean {
  return typeof contentEncoding === "string" &&
    namesIn(contentEncoding).some((name) => Object.hasOwn(byName, name));
}

/**
 * Undoes a body's content encodings: `gzip`, `deflate`, `br`, or several with commas between them, the last of which
 * was done last. None of them may make more of it than the limit. Never rejects.
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
  // It would take a function's process longer to start than all the rest; few messages need it.
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

// By its name it has zlib's header and checksum; some senders leave them out.
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && (first << 8 | second) % 31 === 0;
}

// Node's, as Deno has it, takes a beginning for all of it, and knows a limit; Deno's own takes no less than all.
async function brotli(zlib: Zlib, body: Uint8Array, most: number): Promise<Uint8Array> {
  zlib.brotliDecompressSync(body, { maxOutputLength: most });
  const whole = new Blob([new Uint8Array(body)]).stream().pipeThrough(new DecompressionStream("brotli"));
  return await new Response(whole).bytes();
}
