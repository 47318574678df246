/** Functions cannot reach the runtime's own services: each test starts processes that try. */

import assert from "node:assert/strict";
import { hostname } from "node:os";
import type { PermissionOptions } from "../../runtime/core/api/options.ts";
import type { Service } from "../../runtime/core/ports/service.ts";
import { OffLimits } from "../../runtime/host/process/off_limits.ts";
import { type Attempt, type Said, tryAll } from "./attempts.ts";

/** A server on all addresses of this machine that answers each request. */
function server(): AsyncDisposable & { readonly port: number } {
  const serving = Deno.serve(
    { hostname: "0.0.0.0", port: 0, onListen: () => {} },
    () => new Response("ok"),
  );
  return { port: serving.addr.port, [Symbol.asyncDispose]: () => serving.shutdown() };
}

const broker = (hostname: string, port: number): Service => ({ is: "broker", hostname, port });

/** All ways to write this machine's address with `port`. */
function spellings(port: number): string[] {
  const own = Deno.networkInterfaces().filter(({ address }) => !address.startsWith("fe80"))
    .map(({ address }) => address.includes(":") ? `[${address}]` : address);
  const known = ["127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "2130706433", "0x7f000001", "0"];
  const names = ["localhost", "LocalHost", hostname()];
  const six = [
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:2]",
    "[::ffff:0.0.0.0]",
  ];
  return [...new Set([...known, "0.0.0.0", ...names, ...six, ...own])].map((host) => `${host}:${port}`);
}

const isDenied = (said: Said) => {
  for (let error: unknown = said; error; error = (error as { cause?: unknown }).cause) {
    if (/Requires net access to /.test((error as { message: string }).message)) return true;
  }
  return false;
};

/** The attempts that Deno did not deny. */
async function notDenied(
  permissions: PermissionOptions,
  attempts: readonly Attempt[],
  offLimits: readonly string[],
): Promise<unknown[]> {
  const said = await tryAll(permissions, attempts, { offLimits });
  return attempts.flatMap((attempt, i) => isDenied(said[i]!) ? [] : [[...attempt, said[i]]]);
}

Deno.test("A service of the runtime is denied by every name and number of its address", async () => {
  await using serving = server();
  const attempts = spellings(serving.port).flatMap((at): Attempt[] => [
    ["connect", at],
    ["fetch", `http://${at}/`],
    ["node connect", at],
    ["node get", `http://${at}/`],
  ]);
  for (const hostname of ["127.0.0.1", "localhost", "::1", "0.0.0.0"]) {
    const offLimits = await new OffLimits([broker(hostname, serving.port)]).entriesFor({});
    assert.deepEqual(await notDenied({ net: true }, attempts, offLimits), [], hostname);
  }
  assert.equal((await notDenied({ net: true }, attempts, [])).length, attempts.length, "for no other reason");
});

Deno.test("A service of the runtime is denied for every way that Deno can connect", async () => {
  await using serving = server();
  const offLimits = await new OffLimits([broker("127.0.0.1", serving.port)]).entriesFor({});
  const kinds = [
    "fetch by proxy",
    "fetch by a variable",
    "fetch what is elsewhere",
    "websocket",
    "connect in a worker",
    "connect by TLS",
    "node connect by TLS",
    "node connect by HTTP/2",
    "node connect where a lookup says",
    "ask as a name server",
  ];
  const attempts = kinds.map((kind): Attempt => [kind, `127.0.0.1:${serving.port}`]);
  assert.deepEqual(
    await notDenied({ net: true, env: ["HTTP_PROXY"] }, attempts, offLimits),
    [],
  );
  assert.deepEqual(
    await notDenied(
      { net: ["127.0.0.1", "some.example", `localhost:${serving.port}`], env: ["HTTP_PROXY"] },
      [...attempts, ["connect", `localhost:${serving.port}`]],
      offLimits,
    ),
    [],
    "where hosts are named",
  );
});

Deno.test("Other ports of this machine stay reachable", async () => {
  await using serving = server();
  await using other = server();
  const offLimits = await new OffLimits([broker("localhost", serving.port)]).entriesFor({});
  const said = await tryAll({ net: true }, [
    ["connect", `127.0.0.1:${other.port}`],
    ["fetch", `http://localhost:${other.port}/`],
    ["node connect", `localhost:${other.port}`],
    ["listen", "0.0.0.0:0"],
    ["lookup", "localhost"],
  ], { offLimits });
  assert.deepEqual(said, Array(5).fill(null));
});

Deno.test("A service of the runtime is allowed only by a permission with its port", async () => {
  await using serving = server();
  const { port } = serving;
  const offLimits = new OffLimits([broker("127.0.0.1", port), broker("192.0.2.77", 5672)]);
  const entriesFor = (net: PermissionOptions["net"]) => offLimits.entriesFor({ ceiling: { net } });
  const all = await offLimits.entriesFor({});
  assert.ok(all.includes("192.0.2.77:5672"));
  for (const net of [true, ["127.0.0.1"], ["localhost"], ["*.example"], [`127.0.0.1:${port + 1}`], []]) {
    assert.deepEqual(await entriesFor(net), all, JSON.stringify(net));
  }
  for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
    assert.deepEqual(await entriesFor([`${host}:${port}`]), ["192.0.2.77:5672"], host);
  }
  assert.deepEqual(
    await tryAll({ net: [`localhost:${port}`] }, [["connect", `localhost:${port}`]], {
      offLimits: await entriesFor([`localhost:${port}`]),
    }),
    [null],
  );
});

Deno.test("A service on another host is denied by its addresses, or by its name if it has none", async () => {
  const entriesOf = (hostname: string) => new OffLimits([broker(hostname, 5672)]).entriesFor({});
  assert.deepEqual(await entriesOf("192.0.2.77"), ["192.0.2.77:5672"]);
  assert.deepEqual(await entriesOf("2001:db8::77"), ["[2001:db8::77]:5672"]);
  assert.deepEqual(await entriesOf("nowhere.invalid"), ["nowhere.invalid:5672"]);
  assert.deepEqual(await new OffLimits([]).entriesFor({}), []);
});
