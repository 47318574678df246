import { bytesIn, bytesType } from "./bytes_in.ts";
import { charsetIn, isUtf8 } from "./charset.ts";
import { encode, type Encoded } from "./codec.ts";
import { isCompressed } from "./decompress.ts";
import { ArgumentError } from "../api/errors.ts";

/** What the sender says of a body. */
export interface SaidOfBody {
  readonly contentType?: string;
  readonly contentEncoding?: string;
}

/** Bytes of a body that is read from a blob or a stream: no more than a broker takes unless it is told otherwise. */
export const maxCollected = 128 * 1024 * 1024;

/**
 * A body as it is sent. Bytes of every kind go as they are, those of a blob or a stream once they are read; text as
 * text, and everything else as JSON. `name` is what an error calls the value. Throws or rejects with an `ArgumentError`
 * for what would not arrive as it is.
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
        `The stream that ${name} is gives a ${typeof chunk}; expected bytes, as text has them behind ` +
          ".pipeThrough(new TextEncoderStream())",
      );
    }
    size += bytes.length;
    if (size > maxCollected) throw tooLong(name);
    // Whoever fills a buffer again and again gives it each time.
    chunks.push(new Uint8Array(bytes));
  }
  return named({ body: await new Blob(chunks).bytes(), contentType: bytesType }, said);
}

function tooLong(name: string): ArgumentError {
  return new ArgumentError(`${name} is too long: expected at most ${maxCollected} bytes`);
}

// Text and JSON are written as UTF-8, and nothing compresses them: whoever read what the sender says would be misled.
function requireUtf8Text(name: string, { contentType, contentEncoding }: SaidOfBody): void {
  const charset = charsetIn(contentType);
  if (!isUtf8(charset)) {
    throw new ArgumentError(
      `The content type says that ${name} is in ${charset}, and text is sent as UTF-8; give its bytes in ${charset}`,
    );
  }
  if (isCompressed(contentEncoding)) {
    throw new ArgumentError(
      `The content encoding says that ${name} is compressed (${contentEncoding}), and it is no bytes; give the ` +
        "compressed bytes",
    );
  }
}
