import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { connectBroker } from "../support/amqp.ts";
import { hopperCommand, startCommand } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { Program } from "../support/process.ts";
import { withFolder } from "../support/folder.ts";
import { WireConnection } from "../support/wire_connection.ts";

Deno.test("The run command without a broker starts the embedded one, and other commands find it", async () => {
  await using folder = await withFolder({
    "functions/echo.ts": `import { rpc } from "hopper"; export default rpc("echo", (x: unknown) => x);`,
  });
  const port = freePort();
  await using hopper = startCommand(["run", "--embedded-port", `${port}`, "--no-admin"], {
    cwd: folder.path,
  });
  const banner = await hopper.line(/Broker/);
  const url = `amqp://guest:guest@127.0.0.1:${port}`;

  const called = await hopperCommand(["call", "echo", '{"a":1}'], { broker: url });

  assert.match(
    banner,
    new RegExp(`amqp://guest@127.0.0.1:${port} +embedded, .hopper/ \\(set AMQP_URL to use RabbitMQ\\)`),
  );
  assert.equal(called.stdout, '{"a":1}\n');
});

Deno.test("A persistent message survives a restart of the broker command", async () => {
  await using folder = await withFolder();
  const port = freePort();
  const args = ["broker", "--port", `${port}`, "--data", `${folder.path}/data`];
  {
    await using broker = startCommand(args, { cwd: folder.path });
    await broker.line(/Listening on/);
    await using client = await connectBroker(`amqp://guest:guest@127.0.0.1:${port}`);
    await client.channel.assertQueue("kept", { durable: true });
    await client.send("kept", "still here", { persistent: true });
  }
  await using broker = startCommand(args, { cwd: folder.path });
  await broker.line(/Listening on/);
  await using client = await connectBroker(`amqp://guest:guest@127.0.0.1:${port}`);

  assert.equal(`${(await client.next("kept")).content}`, "still here");
});

Deno.test("A taken broker port is reported with the possible solutions", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  try {
    await using folder = await withFolder({ "functions/_none.ts": "" });
    const alone = await hopperCommand(["broker", "--memory", "--port", `${port}`], { cwd: folder.path });
    const run = await hopperCommand(["run", "--embedded-port", `${port}`, "--no-admin"], {
      cwd: folder.path,
    });

    assert.equal(alone.code, 1);
    assert.match(
      alone.stderr,
      new RegExp(
        `Port ${port} is in use.*AMQP_URL=amqp://guest:guest@127.0.0.1:${port}; .*--port ${port + 1}`,
      ),
    );
    assert.equal(run.code, 1);
    assert.match(run.stderr, new RegExp(`--embedded-port ${port + 1}`));
  } finally {
    listener.close();
  }
});

Deno.test("A data folder that is in use is reported without the port of its broker", async () => {
  await using folder = await withFolder();
  await using first = startCommand(["broker", "--port", "0", "--data", "data"], { cwd: folder.path });
  await first.line("Listening on");
  const second = await hopperCommand(["broker", "--port", "0", "--data", "data"], { cwd: folder.path });

  assert.equal(second.code, 1);
  assert.match(
    second.stderr,
    /The folder 'data' is in use .*@127\.0\.0\.1:PORT, with the port that it printed/,
  );
  assert.doesNotMatch(second.stderr, /:\d{4}/);
});

Deno.test("The broker command needs a user and a password for an address other than loopback, and refuses guest", async () => {
  const guest = await hopperCommand(["broker", "--memory", "--port", "0", "--host", "0.0.0.0"], {});
  const half = await hopperCommand(["broker", "--memory", "--port", "0", "--user", "ann"], {});

  assert.equal(guest.code, 2);
  assert.match(guest.stderr, /Cannot listen on '0.0.0.0' with the login 'guest'/);
  assert.equal(half.code, 2);
  assert.match(half.stderr, /--user and a password \(.*\) go together/);
});

Deno.test("The broker's password comes from a file or a variable, and is not a visible argument", async () => {
  await using folder = await withFolder({ "password": "s3cret\n", "empty": "\n" });
  const args = ["broker", "--memory", "--user", "ann"];
  const options = { cwd: folder.path };
  const login = async (more: string[], env: Record<string, string>) => {
    const port = freePort();
    await using broker = startCommand([...args, "--port", `${port}`, ...more], { ...options, env });
    await broker.line(`Listening on amqp://ann@127.0.0.1:${port}`);
    await using client = await connectBroker(`amqp://ann:s3cret@127.0.0.1:${port}`);
    await client.channel.assertQueue("q");
    return await Deno.readTextFile(`/proc/${broker.pid}/cmdline`);
  };

  assert.doesNotMatch(await login(["--password-file", "password"], {}), /s3cret/);
  assert.doesNotMatch(await login([], { HOPPER_BROKER_PASSWORD: "s3cret" }), /s3cret/);
  const shown = await hopperCommand([...args, "--password", "s3cret"], options);
  assert.equal(shown.code, 2);
  assert.match(shown.stderr, /--password is not a flag.*--password-file FILE, or set HOPPER_BROKER_PASSWORD/);
  const missing = await hopperCommand([...args, "--password-file", "nowhere"], options);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /Cannot read the password of --password-file 'nowhere'/);
  const empty = await hopperCommand([...args, "--password-file", "empty"], options);
  assert.match(empty.stderr, /has no password; expected one line/);
});

Deno.test("Publishers wait when messages take more memory than the broker's flag allows", async () => {
  await using folder = await withFolder();
  const port = freePort();
  const args = ["broker", "--memory", "--memory-limit", "1MB", "--port", `${port}`];
  await using broker = startCommand(args, { cwd: folder.path });
  await broker.line("Listening on");
  await using client = await connectBroker(`amqp://guest:guest@127.0.0.1:${port}`);
  await client.channel.assertQueue("q");
  const blocked = new Promise((resolve) => client.connection.once("blocked", resolve));
  for (let i = 0; i < 12; i++) client.channel.sendToQueue("q", Buffer.alloc(100_000));
  assert.equal(await blocked, "low on memory");
  await using other = await connectBroker(`amqp://guest:guest@127.0.0.1:${port}`);
  await other.channel.purgeQueue("q");
  await client.channel.waitForConfirms();

  const wrong = await hopperCommand(["run", "--embedded-memory", "lots"], { cwd: folder.path });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /'lots' is not a size; expected megabytes or gigabytes, such as 512MB or 2GB/);
});

Deno.test("The path /readyz says when no further client can connect to the embedded broker", async () => {
  await using folder = await withFolder({
    "functions/echo.ts": `import { rpc } from "hopper"; export default rpc("echo", (x: unknown) => x);`,
  });
  const [port, adminPort] = [freePort(), freePort()];
  const main = fileURLToPath(new URL("../../runtime/cli/main.ts", import.meta.url));
  const hopper = [Deno.execPath(), "run", "-A", main, "run", "--embedded-port", `${port}`];
  await using program = new Program(
    "sh",
    [
      "-c",
      'unset AMQP_URL RABBITMQ_URL CLOUDAMQP_URL; ulimit -n 128 && exec "$0" "$@"',
      ...hopper,
      "--admin",
      `127.0.0.1:${adminPort}`,
    ],
    { cwd: folder.path, env: { NO_COLOR: "1" } },
  );
  await program.line(/ready in/);
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
    return response.status === 204 ? [] : (await response.json()).missing as string[];
  };
  assert.deepEqual(await ready(), []);
  const clients: WireConnection[] = [];
  const address = { host: "127.0.0.1", port };
  await assert.rejects(async () => {
    while (clients.length < 128) clients.push(await WireConnection.open(address));
  });
  assert.deepEqual(await ready(), [
    "embedded broker: no further client can connect: there are 64, which is the limit",
  ]);
  for (const client of clients) await client.close();
  assert.deepEqual(await ready(), []);
});

Deno.test("The broker command with --like behaves like another version of RabbitMQ, and says so", async () => {
  const port = freePort();
  await using broker = startCommand(["broker", "--memory", "--port", `${port}`, "--like", "4.3"], {});
  assert.match(await broker.line("Listening on"), /in memory, like RabbitMQ 4\.3; Ctrl-C stops it/);
  await using connection = await WireConnection.open({ host: "127.0.0.1", port });
  assert.match(`${connection.serverProperties.version}`, /^4\.3\./);

  const unknown = await hopperCommand(["broker", "--memory", "--port", "0", "--like", "4.9"], {});
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /'4\.9' is invalid.*Allowed choices are 3\.10, 4\.3/);
});
