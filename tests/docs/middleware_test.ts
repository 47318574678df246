/** Runs the examples of docs/middleware.md, as they are written there. */

import assert from "node:assert/strict";
import { type Client, connect } from "../../runtime/client/mod.ts";
import { startTestBroker } from "../../runtime/testing.ts";
import { connectBroker } from "../support/amqp.ts";
import { hopperImports } from "../support/functions.ts";
import { type Hopper, startHopper } from "../support/hopper.ts";

const page = await Deno.readTextFile(new URL("../../docs/middleware.md", import.meta.url));

/** The files of the page, by their paths, which are in their first lines. */
const files = Object.fromEntries(
  [...page.matchAll(/^```ts[^\n]*\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, path, text]) => [path!, text!]),
);

/** Runs files of the page, and more functions, with this config. */
async function withExamples(
  names: readonly string[],
  { config = "{}", functions = {}, env = {} }: {
    config?: string;
    functions?: Record<string, string>;
    env?: Record<string, string>;
  },
  test: (hopper: Hopper, client: Client, url: string) => Promise<void>,
): Promise<void> {
  await using broker = await startTestBroker();
  const shown = Object.fromEntries(names.map((name) => [name, files[name]!]));
  await using hopper = await startHopper({
    functions,
    files: { "deno.json": JSON.stringify({ imports: hopperImports }), ...shown },
    config: `export default ${config};`,
    broker: broker.url,
    env,
  });
  await using client = await connect(broker.url);
  await test(hopper, client, broker.url);
}

Deno.test("The first example of the middleware page logs how long each run took", () =>
  withExamples(["functions/orders.ts"], {}, async (hopper, client) => {
    await client.send("orders", { id: 7 });
    await hopper.event("handled");
    const said = hopper.logged("log").map(({ message }) => message);
    assert.deepEqual(said, ["Order 7", "Timed"]);
  }));

Deno.test("The audit of the middleware page notes who handled what, and how it ended", () =>
  withExamples(["middleware/audit.ts"], {
    functions: {
      pay: `import { queue } from "hopper";
        export default queue("pay", { retry: false }, (amount) => { if (amount < 0) throw new Error("No"); });`,
      audit: `import { queue } from "hopper";
        export default queue("audit", (entry, { log }) => log.info("entry", entry));`,
    },
    config: `{ functions: { pay: { use: ["./middleware/audit.ts"] } } }`,
  }, async (hopper, client) => {
    await client.send("pay", 5, { messageId: "m1" });
    await hopper.events("handled", 1, { function: "audit" });
    await client.send("pay", -5, { messageId: "m2" });
    await hopper.events("handled", 2, { function: "audit" });
    assert.deepEqual(hopper.logged("log", { message: "entry" }).map(({ data }) => data), [
      { function: "pay", ids: ["m1"], ended: "handled" },
      { function: "pay", ids: ["m2"], ended: "Error: No" },
    ]);
  }));

Deno.test("The tenant of the middleware page comes from the header, and a message without one is rejected", () =>
  withExamples(["functions/_tenant.ts", "functions/bills.ts"], {}, async (hopper, client) => {
    await Promise.all(
      ["acme", "umbrella"].map((tenant, id) => client.send("bills", { id }, { headers: { tenant } })),
    );
    await hopper.events("handled", 2);
    await client.send("bills", { id: 3 });
    await hopper.event("dead-lettered");
    assert.deepEqual(hopper.logged("log").map(({ message }) => message).toSorted(), [
      "Bill 0 of acme",
      "Bill 1 of umbrella",
    ]);
    assert.equal(hopper.logged("failed")[0]!.error, "Reject: The message has no header 'tenant'");
  }));

Deno.test("The feature flag of the middleware page switches functions off", () =>
  withExamples(["middleware/feature_flag.ts"], {
    functions: {
      flags:
        `import { rpc } from "hopper"; export default rpc("flags.is_on", (name) => name.startsWith("on"));`,
      "on": `import { queue } from "hopper"; export default queue("on", (_, { log }) => log.info("ran"));`,
      "off": `import { queue } from "hopper"; export default queue("off", (_, { log }) => log.info("ran"));`,
      "off_rpc": `import { rpc } from "hopper"; export default rpc("off_rpc", () => 1);`,
    },
    config: `{ functions: { "o*": { use: ["./middleware/feature_flag.ts"] } } }`,
  }, async (hopper, client) => {
    await client.send("on", 1);
    await client.send("off", 1);
    await hopper.event("handled", { function: "on" });
    await hopper.event("handled", { function: "off" });
    await assert.rejects(client.call("off_rpc"), { code: "SWITCHED_OFF" });
    assert.deepEqual(hopper.logged("log").map(({ function: name, message }) => [name, message]).toSorted(), [
      ["off", "Switched off: not run"],
      ["on", "ran"],
    ]);
  }));

Deno.test("The encryption of the middleware page opens what is sent and closes the reply", () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const env = { BODY_KEY: key.toBase64() };
  return withExamples(["functions/secrets.ts"], { env }, async (_hopper, client, url) => {
    const name = "AES-GCM";
    const imported = await crypto.subtle.importKey("raw", key, name, false, ["encrypt", "decrypt"]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify({ name: "Ada" }));
    const closed = new Uint8Array(await crypto.subtle.encrypt({ name, iv }, imported, plain));
    const reply = await client.call<Uint8Array<ArrayBuffer>>("secrets", new Uint8Array([...iv, ...closed]));
    const opened = await crypto.subtle.decrypt({ name, iv: reply.slice(0, 12) }, imported, reply.slice(12));
    assert.deepEqual(JSON.parse(new TextDecoder().decode(opened)), { greeting: "Hello, Ada" });

    await using broker = await connectBroker(url);
    assert.equal(await broker.waiting("secrets"), 0);
    await assert.rejects(client.call("secrets", { name: "not encrypted" }));
  });
});
