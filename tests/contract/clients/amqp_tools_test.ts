import assert from "node:assert/strict";
import { contract, drain, type Session } from "../../support/contract.ts";
import { run, start } from "../../support/process.ts";
import { leaveOut } from "../../support/rabbitmq.ts";

const installed = await run("amqp-get", ["--help"]).then(() => true, () => false);
if (!installed) leaveOut("amqp-tools", "amqp-tools");

/** Runs one of the tools, expects success, and returns what it printed. */
async function tool(broker: Session, name: string, args: string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await run(name, ["--url", broker.address.url, ...args], { input });
  assert.equal(code, 0, stderr);
  return stdout;
}

contract("The amqp-tools declare, publish, get and delete", async (broker) => {
  const queue = broker.unique("amqp-tools");
  assert.equal(await tool(broker, "amqp-declare-queue", ["-q", queue, "-d"]), `${queue}\n`);
  await tool(broker, "amqp-publish", ["-r", queue, "-p", "-b", "from the command line"]);
  await tool(broker, "amqp-publish", ["-r", queue, "-C", "text/plain"], "from standard input");
  assert.equal(await tool(broker, "amqp-get", ["-q", queue]), "from the command line");
  assert.equal(await tool(broker, "amqp-get", ["-q", queue]), "from standard input");
  assert.equal(
    (await run("amqp-get", ["--url", broker.address.url, "-q", queue])).code,
    2,
    "empty is exit code 2",
  );
  assert.equal(await tool(broker, "amqp-delete-queue", ["-q", queue]), "0\n");
}, { ignore: !installed });

contract("The amqp-tools consume with a prefetch", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["one\n", "two\n", "three\n"]);
  const printed = await tool(broker, "amqp-consume", ["-q", queue, "-c", "2", "-p", "1", "cat"]);
  assert.equal(printed, "one\ntwo\n");
  await channel.call("basic.consume", { queue });
  assert.deepEqual(await channel.bodies(1), ["three\n"]);
}, { ignore: !installed });

contract("The amqp-tools consume from an exchange with their own queue", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "topic");
  await using consumer = start("amqp-consume", [
    "--url",
    broker.address.url,
    "-e",
    exchange,
    "-r",
    "orders.*",
    "-c",
    "1",
    "cat",
  ]);
  await consumer.line("Server provided queue name");
  const seen = await broker.queue(channel);
  await channel.call("queue.bind", { queue: seen, exchange, routingKey: "#" });
  // The tool prints its queue's name before it binds, so the test publishes until a message arrives.
  const exit = consumer.exit();
  let over = false;
  exit.finally(() => over = true);
  while (!over) {
    await channel.publish(exchange, "orders.new", "hello");
    await channel.call("basic.qos");
  }
  assert.match((await exit).stdout, /hello$/);
  assert.ok((await drain(channel, seen)).length > 0);
}, { ignore: !installed });
