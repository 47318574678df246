/** INPUT of `call`, `send` and `publish` arrives as it was typed or piped. */

import assert from "node:assert/strict";
import { cli, hopperCommand } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0xff);
const encode = (text: string) => new TextEncoder().encode(text);

const inputs: [what: string, input: string | Uint8Array, body: Uint8Array, contentType: string][] = [
  ["a long number", "1234567890123456789", encode("1234567890123456789"), "application/json"],
  ["a precise number", "3.14159265358979323846", encode("3.14159265358979323846"), "application/json"],
  [
    "JSON with a long number",
    '{ "id": 12345678901234567890 }',
    encode('{ "id": 12345678901234567890 }'),
    "application/json",
  ],
  ["text", "plain  text ", encode("plain  text "), "text/plain; charset=utf-8"],
  ["a picture on stdin", png, png, "application/octet-stream"],
  [
    "a long number on stdin",
    encode("1234567890123456789\n"),
    encode("1234567890123456789"),
    "application/json",
  ],
  ["text on stdin", encode("Grüße\n"), encode("Grüße\n"), "text/plain; charset=utf-8"],
  ["nothing on stdin", encode(""), encode(""), "text/plain; charset=utf-8"],
  ["JSON with a byte order mark", encode('\ufeff{"a":1}'), encode('{"a":1}'), "application/json"],
  ["text with a byte order mark", encode("\ufefftext"), encode("\ufefftext"), "text/plain; charset=utf-8"],
];

testOnBroker(
  "INPUT arrives as it was typed, and from stdin as it was piped",
  async ({ broker, vhost }) => {
    const queues = inputs.map((_, i) => `tasks.${i}`);
    for (const queue of queues) await broker.channel.assertQueue(queue);

    const sent = await Promise.all(
      inputs.map(([, input], i) => hopper(vhost.url, ["send", queues[i]!], input)),
    );

    for (const [i, [what, , body, contentType]] of inputs.entries()) {
      assert.equal(sent[i]!.code, 0);
      const { content, properties } = await broker.next(queues[i]!);
      assert.deepEqual([...content], [...body], what);
      assert.equal(properties.contentType, contentType, what);
    }
  },
);

testOnBroker("The call and publish commands take INPUT as send does", async ({ broker, vhost }) => {
  for (const queue of ["number", "picture", "copies"]) await broker.channel.assertQueue(queue);
  const answered = async (queue: string) => {
    const request = await broker.next(queue);
    await broker.reply(request, "1");
    return [request.content.toString("hex"), request.properties.contentType];
  };

  const calls = [
    hopper(vhost.url, ["call", "number"], "1234567890123456789"),
    hopper(vhost.url, ["call", "picture"], png),
    hopper(vhost.url, ["publish", "", "copies"], png),
  ];

  assert.deepEqual(await answered("number"), [encode("1234567890123456789").toHex(), "application/json"]);
  assert.deepEqual(await answered("picture"), [png.toHex(), "application/octet-stream"]);
  const [number, picture, copies] = await Promise.all(calls);
  assert.deepEqual([number, picture], Array(2).fill({ code: 0, stdout: "1\n" }));
  assert.equal(copies!.code, 0);
  assert.deepEqual([...(await broker.next("copies")).content], [...png]);
});

testOnBroker("Numbers in --header are sent with all their digits", async ({ broker, vhost }) => {
  await broker.channel.assertQueue("tasks");
  await broker.channel.assertExchange("exact", "headers");
  await broker.channel.bindQueue("tasks", "exact", "", { id: { "!": "int64", value: 1234567890123456789n } });
  const headers = ["id=1234567890123456789", "n=5", "long=12345678901234567890", "list=[1,2]"];

  const { code, stderr } = await hopperCommand(
    ["publish", "exact", "", "x", ...headers.flatMap((header) => ["--header", header])],
    { broker: vhost.url },
  );

  assert.equal(code, 0, stderr);
  const { n, long, list } = (await broker.next("tasks")).properties.headers!;
  assert.deepEqual({ n, long, list }, { n: 5, long: "12345678901234567890", list: [1, 2] });
});

Deno.test("The help of call, send and publish explains INPUT", async () => {
  for (const command of ["call", "send", "publish"]) {
    const { stdout } = await hopperCommand([command, "--help"], {});
    assert.match(
      stdout.replaceAll(/\s+/g, " "),
      /JSON if it is valid, else text; - reads stdin, which is bytes if it is not UTF-8/,
    );
  }
});

/** Runs a command with an argument, or with bytes on its stdin. */
async function hopper(broker: string, command: string[], input: string | Uint8Array) {
  const child = new Deno.Command(Deno.execPath(), {
    args: cli(...command, typeof input === "string" ? input : "-"),
    env: { AMQP_URL: broker, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  if (typeof input !== "string") await writer.write(input);
  await writer.close();
  const { code, stdout } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}
