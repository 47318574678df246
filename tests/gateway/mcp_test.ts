/** Functions as tools for language models, with the protocol's own client. */

import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { testOnBroker } from "../support/test_on_broker.ts";
import { bearer, json, opened } from "./opened.ts";

const add = `import { z } from "zod";
/** Adds two numbers. */
export default rpc("math.add", {
  input: z.object({ a: z.number().describe("the first"), b: z.number() }),
  output: z.object({ sum: z.number() }),
}, ({ a, b }) => ({ sum: a + b }));`;

const half = `import { z } from "zod";
export default rpc("half", { input: z.int() }, (n) => {
  if (n % 2 !== 0) throw new RpcError("ODD", { detail: "The number is odd", data: { n } });
  return n / 2;
});`;

async function connected(url: string, headers: Record<string, string> = {}, onChange?: () => void) {
  const client = new Client({ name: "test", version: "1" }, {
    listChanged: onChange && { tools: { autoRefresh: false, debounceMs: 0, onChanged: onChange } },
  });
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers } });
  await client.connect(transport);
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

async function toolNames(client: Client): Promise<string[]> {
  const { tools } = await client.listTools();
  return tools.map(({ name }: { name: string }) => name);
}

testOnBroker(
  "Each rpc with a JSON Schema of its input is a tool, described by its docstring",
  async ({ broker }) => {
    const functions = {
      add,
      half,
      plain: `export default rpc("plain", (x: unknown) => x);`,
      queue: `import { z } from "zod"; export default queue("q", { input: z.object({}) }, () => {});`,
    };
    await using to = await opened(broker, { functions });
    await using mcp = await connected(to.url);

    assert.deepEqual(mcp.client.getServerVersion(), { name: "hopper", version: "1.2.3" });
    const { tools } = await mcp.client.listTools();
    assert.deepEqual(tools, [
      {
        name: "half",
        description: "Calls the function 'half'",
        inputSchema: {
          type: "object",
          properties: {
            input: { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
          },
          required: ["input"],
        },
      },
      {
        name: "math_add",
        description: "Adds two numbers.",
        inputSchema: {
          type: "object",
          properties: { a: { type: "number", description: "the first" }, b: { type: "number" } },
          required: ["a", "b"],
        },
        outputSchema: {
          type: "object",
          properties: { sum: { type: "number" } },
          required: ["sum"],
          additionalProperties: false,
        },
      },
    ]);
  },
);

testOnBroker("A tool's call is the rpc's call, and its error is told to the model", async ({ broker }) => {
  const functions = {
    add,
    half,
    image: `import { z } from "zod";
      export default rpc("image", { input: z.object({}) }, () => new Blob([Uint8Array.of(1, 2)], { type: "image/png" }));`,
  };
  await using to = await opened(broker, { functions });
  await using mcp = await connected(to.url);
  // The client checks results by the schemas of the tools that it knows.
  await mcp.client.listTools();
  const call = (name: string, args: Record<string, unknown>) =>
    mcp.client.callTool({ name, arguments: args });

  assert.deepEqual(await call("math_add", { a: 1, b: 2 }), {
    content: [{ type: "text", text: `{"sum":3}` }],
    structuredContent: { sum: 3 },
  });
  assert.deepEqual(await call("half", { input: 4 }), { content: [{ type: "text", text: "2" }] });
  assert.deepEqual(await call("half", { input: 3 }), {
    content: [{ type: "text", text: `ODD: The number is odd\n{"n":3}` }],
    isError: true,
  });
  const wrong = await call("math_add", { a: "x" });
  assert.equal(wrong.isError, true);
  assert.match(JSON.stringify(wrong.content), /INVALID_INPUT: /);
  assert.deepEqual((await call("image", {})).content, [{
    type: "image",
    data: "AQI=",
    mimeType: "image/png",
  }]);
  await assert.rejects(call("nothing", {}), /There is no tool 'nothing'/);
});

testOnBroker(
  "A file that is dropped is a tool at once, and clients that listen are told",
  async ({ broker }) => {
    await using to = await opened(broker, { watch: {}, functions: { half } });
    const told = Promise.withResolvers<void>();
    await using mcp = await connected(to.url, {}, told.resolve);
    assert.deepEqual(await toolNames(mcp.client), ["half"]);

    await to.app.write("add", add);
    await to.app.event("deployed", { function: "add" });
    for (const listener of to.listeners) listener();
    await told.promise;
    assert.deepEqual(await toolNames(mcp.client), ["half", "math_add"]);
  },
);

testOnBroker("A client sees and calls the tools that it may call, and no others", async ({ broker }) => {
  const http = { tokens: { shop: { env: "SHOP_TOKEN", call: ["math.*"] }, bank: { env: "BANK_TOKEN" } } };
  await using to = await opened(broker, { functions: { add, half }, http });
  await using mcp = await connected(to.url, bearer("SHOP_TOKEN"));
  assert.deepEqual(await toolNames(mcp.client), ["math_add"]);
  await assert.rejects(mcp.client.callTool({ name: "half", arguments: { input: 2 } }), /no tool 'half'/);

  await assert.rejects(connected(to.url));
  assert.equal((await to.post("/mcp", "{}", json)).status, 401);
  assert.equal((await to.post("/mcp", "{}", { ...json, ...bearer("BANK_TOKEN") })).status, 403);
});

testOnBroker("What is no request of the protocol is refused", async ({ broker }) => {
  await using to = await opened(broker, { functions: { half } });
  const accept = { accept: "application/json, text/event-stream" };
  assert.equal((await to.post("/mcp", "{", { ...json, ...accept })).status, 400);
  assert.equal((await to.post("/mcp", "{}", json)).status, 406);
  assert.equal((await to.post("/mcp", "{}", accept)).status, 415);
  const put = await fetch(`${to.url}/mcp`, { method: "PUT" });
  assert.equal(put.status, 405);
  await put.body?.cancel();
  assert.deepEqual(to.faults, []);
});
