import { bytesIn, bytesType } from "./bytes_in.ts";
import { charsetIn, isUtf8 } from "./charset.ts";
import { encode, type Encoded } from "./codec.ts";
import { isCompressed } from "./decompress.ts";
import { ArgumentError } from "../api/errors.ts";

/** The properties that the sender gave for a body. */
export interface SaidOfBody {
  readonly contentType?: string;
  readonly contentEncoding?: string;
}

/** The most bytes that a blob or stream may have: a broker takes no more by default. */
export const maxCollected = 128 * 1024 * 1024;

/**
 * Encodes a body for sending: bytes of any kind (also of a blob or a stream) unchanged, text as UTF-8, anything else as
 * JSON. `name` is what an error calls the value. Throws or rejects with an `ArgumentError` for a value that would
 * arrive changed.
 */
export function outgoingBody(
  value: unknown,
  name: string,
  said: SaidOfBody = {},
): Encoded | Promise<Encoded> {
  if (value instanceof Blob) return collectBlob(value, name, said);
  if (value instanceof ReadableStream) return collectStream(value, name, said);
  if (bytesIn(value) === undefined) requireUtf8Text(name, said);
  return named(encode(value, name), said);
}

function named({ body, contentType }: Encoded, said: SaidOfBody): Encoded {
  return { body, contentType: said.contentType ?? contentType };
}

async function collectBlob(blob: Blob, name: string, said: SaidOfBody): Promise<Encoded> {
  if (blob.size > maxCollected) throw tooLong(name);
  return named({ body: await blob.bytes(), contentType: blob.type || bytesType }, said);
}

async function collectStream(stream: ReadableStream, name: string, said: SaidOfBody): Promise<Encoded> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = bytesIn(chunk);
    if (bytes === undefined) {
      throw new ArgumentError(
        `The stream in ${name} gives a ${typeof chunk}; expected bytes: for text, write ` +
          ".pipeThrough(new TextEncoderStream())",
      );
    }
    size += bytes.length;
    if (size > maxCollected) throw tooLong(name);
    // Copied, because the stream may use the same buffer again for its next chunk.
    chunks.push(new Uint8Array(bytes));
  }
  return named({ body: await new Blob(chunks).bytes(), contentType: bytesType }, said);
}

function tooLong(name: string): ArgumentError {
  return new ArgumentError(`${name} is too long: expected at most ${maxCollected} bytes`);
}

// Text and JSON are sent as UTF-8 and not compressed, so the properties must not say anything else.
function requireUtf8Text(name: string, { contentType, contentEncoding }: SaidOfBody): void {
  const charset = charsetIn(contentType);
  if (!isUtf8(charset)) {
    throw new ArgumentError(
      `The content type says that ${name} is in ${charset}, but text is sent as UTF-8; give its bytes in ${charset}`,
    );
  }
  if (isCompressed(contentEncoding)) {
    throw new ArgumentError(
      `The content encoding says that ${name} is compressed (${contentEncoding}), but it is not bytes; give the ` +
        "compressed bytes",
    );
  }
}
