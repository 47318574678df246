/** An HTTP server in a process that opens files until it has no descriptors left, and closes them on SIGUSR1. */

import { closeSync, openSync } from "node:fs";
import { serveHttp } from "../../runtime/http/server.ts";

const files: number[] = [];
Deno.addSignalListener("SIGUSR1", () => {
  for (const file of files) closeSync(file);
  console.log("some left");
});
const server = serveHttp({ hostname: "127.0.0.1", port: 0 }, () => new Response("alive"));
console.log(server.port);
try {
  for (;;) files.push(openSync("/dev/null", "r"));
} catch {
  console.log("none left");
}
