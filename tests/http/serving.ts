/** An HTTP server for one test, and clients that send bytes unchanged. */

import type { Answer } from "../../runtime/http/connection.ts";
import type { HttpLimits } from "../../runtime/http/limits.ts";
import { type HttpServer, serveHttp } from "../../runtime/http/server.ts";

export async function serving(
  answer: Answer,
  limits: Partial<HttpLimits>,
  test: (server: HttpServer, url: string) => Promise<void>,
): Promise<void> {
  const server = serveHttp({ hostname: "127.0.0.1", port: 0 }, answer, limits);
  try {
    await test(server, `http://127.0.0.1:${server.port}`);
  } finally {
    await server.close();
  }
}

/** A request's first line and headers, with a Host; lines are joined as HTTP wants them. */
export function head(first: string, ...headers: string[]): string {
  return [first, "Host: here", ...headers, "", ""].join("\r\n");
}

/** Sends bytes unchanged, and reads until the server closes. */
export async function raw(server: HttpServer, text: string): Promise<string> {
  using connection = await Deno.connect(server);
  await send(connection, text);
  return await untilClosed(connection);
}

export async function send(connection: Deno.Conn, text: string): Promise<void> {
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
    rest = rest.subarray(await connection.write(rest));
  }
}

/** What arrives until the server closes. */
export async function untilClosed(connection: Deno.Conn): Promise<string> {
  return await until(connection, () => false);
}

/** What arrives until it is enough, or the server closes. */
export async function until(connection: Deno.Conn, isEnough: (text: string) => boolean): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    const buffer = new Uint8Array(64 * 1024);
    while (!isEnough(text)) {
      const size = await connection.read(buffer);
      if (size === null) break;
      text += decoder.decode(buffer.subarray(0, size), { stream: true });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}
