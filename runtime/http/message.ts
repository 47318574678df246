/** The most bytes that are read of a request's head. */
const maxHead = 8 * 1024;

const headEnd = "\r\n\r\n";

/** A request; `undefined` if it could not be understood. */
export interface Incoming {
  readonly request: Request | undefined;
  readonly isHead: boolean;
}

/** Reads the head of a request, but no body. Rejects if the client closes the connection before the end. */
export async function readRequest(
  connection: { read(into: Uint8Array): Promise<number | null> },
): Promise<Incoming> {
  // Each byte becomes one character, so that any byte can be read.
  let head = "";
  for (const buffer = new Uint8Array(maxHead); !head.includes(headEnd);) {
    const size = await connection.read(buffer);
    if (size === null) {
      throw new Deno.errors.UnexpectedEof("The client closed the connection before the end of its request");
    }
    head += String.fromCharCode(...buffer.subarray(0, size));
    if (head.length > maxHead && !head.slice(0, maxHead).includes(headEnd)) return refused;
  }
  return parseHead(head.slice(0, head.indexOf(headEnd)));
}

const refused: Incoming = { request: undefined, isHead: false };

function parseHead(head: string): Incoming {
  const [first, ...lines] = head.split("\r\n");
  const [, method, path] = /^([A-Z]+) (\/[\x21-\x7e]*) HTTP\/1\.[01]$/.exec(first!) ?? [];
  if (method === undefined) return refused;
  try {
    const headers = new Headers(lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }));
    return {
      request: new Request(`http://localhost${path}`, { method, headers }),
      isHead: method === "HEAD",
    };
  } catch {
    return refused;
  }
}

/** Writes the answer. The connection is not used again. */
export async function writeResponse(
  connection: { write(bytes: Uint8Array): Promise<number> },
  response: Response,
  isHead: boolean,
): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  if (response.status !== 204) headers.set("content-length", `${body.length}`);
  headers.set("connection", "close");
  headers.set("date", new Date().toUTCString());
  const lines = [`HTTP/1.1 ${response.status} ${response.statusText}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const head = new TextEncoder().encode(lines.join("\r\n") + headEnd);
  for (let rest = isHead ? head : concat(head, body); rest.length > 0;) {
    rest = rest.subarray(await connection.write(rest));
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
