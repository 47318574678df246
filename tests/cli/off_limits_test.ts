import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { RpcError } from "../../runtime/mod.ts";
import { connectBroker } from "../support/amqp.ts";
import { withFolder } from "../support/folder.ts";
import { startCommand } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";

/** A function that tries to connect to a port of this machine. */
const tries = (permissions: string) => `
import { rpc } from "hopper";
export default rpc("tries", { permissions: ${permissions} }, async (at: string) => {
  const [hostname, port] = at.split(" ");
  (await Deno.connect({ hostname, port: Number(port) })).close();
  return "connected";
});
`;

/** The runtime with its own broker and admin API, and the errors of a function that tries to reach them. */
async function startRuntime(permissions: string, config = "") {
  await using stack = new AsyncDisposableStack();
  const [port, admin] = [freePort(), freePort()];
  const folder = stack.use(
    await withFolder({
      "functions/tries.ts": tries(permissions.replaceAll("PORT", `${port}`)),
      "deploy.config.ts": `export default { ${config.replaceAll("PORT", `${port}`)} };`,
    }),
  );
  const args = ["run", "--embedded-port", `${port}`, "--admin", `127.0.0.1:${admin}`, "--log", "json"];
  const hopper = stack.use(startCommand(args, { cwd: folder.path }));
  await hopper.line((line) => line.includes('"event":"ready"'));
  const client = stack.use(await connect(`amqp://127.0.0.1:${port}`));
  const owned = stack.move();
  return {
    port,
    admin,
    try: (hostname: string, port: number) =>
      client.call("tries", `${hostname} ${port}`).catch((error) => {
        assert.ok(error instanceof RpcError);
        return error.message;
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("A function cannot reach the embedded broker or the admin API, and other programs can", async () => {
  for (const permissions of ["{ net: true }", '{ net: ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"] }']) {
    await using runtime = await startRuntime(permissions);
    const { port, admin } = runtime;
    for (const host of ["127.0.0.1", "localhost", "::1", "0.0.0.0", "::ffff:127.0.0.1"]) {
      assert.match(
        await runtime.try(host, port) as string,
        /^PermissionDenied: functions\/tries\.ts may not (connect to|listen on) ".*", the runtime's broker; use ctx\.send, ctx\.publish or ctx\.call, or in deploy\.config\.ts, name it with its port .*: net: \[".*:\d+"\]$/,
        host,
      );
      assert.match(await runtime.try(host, admin) as string, /the runtime's admin API; in deploy/, host);
    }
    await (await fetch(`http://127.0.0.1:${admin}/healthz`)).text();
    await (await connectBroker(`amqp://guest:guest@127.0.0.1:${port}`))[Symbol.asyncDispose]();
  }
});

Deno.test("A function can reach the broker if deploy.config.ts names it with its port", async () => {
  const named = `functions: { tries: { permissions: { net: ["127.0.0.1:PORT"] } } }`;
  await using runtime = await startRuntime('{ net: ["127.0.0.1:PORT"] }', named);
  assert.equal(await runtime.try("127.0.0.1", runtime.port), "connected");
});
