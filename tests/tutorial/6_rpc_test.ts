import assert from "node:assert/strict";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { withVhost } from "../support/rabbitmq.ts";
import { pikaReceiver, rabbitmqAndPika, runPika } from "./pika.ts";

const rabbitmq = await rabbitmqAndPika();

Deno.test("RPC: A function answers pika", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using hopper = await startHopper({ functions: "functions", broker: vhost.url });

  const { stdout } = await runPika("rpc_client.py", ["30"], vhost.url);

  assert.equal(stdout, "Requesting fib(30)\nGot 832040\n");
  await hopper.event("handled", { function: "fib" });
});

Deno.test("RPC: A function answers hopper", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using _hopper = await startHopper({ functions: "functions", broker: vhost.url });

  const called = await hopperCommand(["call", "rpc_queue", "30"], { broker: vhost.url });

  assert.deepEqual(called, { code: 0, signal: null, stdout: "832040\n", stderr: "" });
});

Deno.test("RPC: pika's server answers hopper", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using server = await pikaReceiver("rpc_server.py", [], vhost.url);

  const called = await hopperCommand(["call", "rpc_queue", "20"], { broker: vhost.url });

  assert.deepEqual(called, { code: 0, signal: null, stdout: "6765\n", stderr: "" });
  assert.ok(server.output.includes("Asked for fib(20)"));
});

Deno.test(
  "RPC: Several callers at the same time each get their own answer",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using _hopper = await startHopper({ functions: "functions", broker: vhost.url });

    const answers = await Promise.all(
      ["10", "11", "12"].map(async (n) => (await runPika("rpc_client.py", [n], vhost.url)).stdout),
    );

    assert.deepEqual(answers.map((text) => text.trim().split("Got ")[1]), ["55", "89", "144"]);
  },
);
