import assert from "node:assert/strict";
import { connect } from "amqplib";
import { PortTaken, startBroker } from "../../runtime/broker/mod.ts";

Deno.test("A broker on a free port returns its address, and closes without leftovers", async () => {
  const broker = await startBroker({ port: 0, memory: true });
  assert.equal(broker.url, `amqp://guest:guest@127.0.0.1:${broker.port}`);
  const connection = await connect(broker.url);
  await connection.close();
  await broker.close();
  await broker.close();
});

Deno.test("Closing the broker closes its clients' connections with code 320", async () => {
  const broker = await startBroker({ port: 0, memory: true });
  const connection = await connect(broker.url);
  const closed = new Promise<Error>((resolve) => connection.once("close", resolve));
  connection.on("error", () => {});
  await broker.close();
  assert.match(
    (await closed).message,
    /CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'/,
  );
});

Deno.test("A taken port is an error with its own class", async () => {
  await using broker = await startBroker({ port: 0, memory: true });
  await assert.rejects(startBroker({ port: broker.port, memory: true }), (error: unknown) => {
    assert.ok(error instanceof PortTaken);
    assert.equal(error.code, "PORT_TAKEN");
    assert.match(error.message, new RegExp(`Cannot listen on '127.0.0.1:${broker.port}'`));
    return true;
  });
});

Deno.test("The user guest is refused from other machines", async () => {
  await assert.rejects(startBroker({ hostname: "0.0.0.0", port: 0, memory: true }), {
    name: "TypeError",
    message: /Cannot listen on '0.0.0.0' with the login 'guest'.*Give a user and password of your own/,
  });
});

Deno.test("A broker with its own login refuses others", async () => {
  await using broker = await startBroker({ port: 0, memory: true, user: "ada", password: "le/ve" });
  assert.equal(broker.url, `amqp://ada:le%2Fve@127.0.0.1:${broker.port}`);
  await (await connect(broker.url)).close();
  await assert.rejects(connect(`amqp://guest:guest@127.0.0.1:${broker.port}`), /ACCESS_REFUSED/);
});

Deno.test("A data folder serves one broker at a time", async () => {
  const data = await Deno.makeTempDir();
  {
    await using _broker = await startBroker({ port: 0, data });
    await assert.rejects(
      startBroker({ port: 0, data }),
      /another broker uses it; stop that one, or give this one/,
    );
  }
  await (await startBroker({ port: 0, data })).close();
  await Deno.remove(data, { recursive: true });
});

Deno.test("A broker listens on both loopback addresses, or on the one that is given", async () => {
  await using broker = await startBroker({ port: 0, memory: true });
  await (await connect(`amqp://guest:guest@[::1]:${broker.port}`)).close();
  await assert.rejects(startBroker({ hostname: "::1", port: broker.port, memory: true }), PortTaken);
  await using one = await startBroker({ hostname: "127.0.0.1", port: 0, memory: true });
  await assert.rejects(connect(`amqp://guest:guest@[::1]:${one.port}`), { code: "ECONNREFUSED" });
});
