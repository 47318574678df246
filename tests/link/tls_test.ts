import assert from "node:assert/strict";
import { startBroker } from "../../runtime/broker/mod.ts";
import { AmqpConnection } from "../../runtime/link/connection.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { type Folder, withFolder } from "../support/folder.ts";
import { run } from "../support/process.ts";

/** A certificate authority for the test, and a certificate for 127.0.0.1 that it signed. */
async function certificates(folder: Folder): Promise<void> {
  const openssl = async (...args: string[]) => {
    const { code, stderr } = await run("openssl", args, { cwd: folder.path });
    assert.equal(code, 0, stderr);
  };
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-subj", "/CN=A test", "-addext", "basicConstraints=critical,CA:TRUE"];
  await openssl("req", "-x509", ...fresh, ...authority, "-keyout", "ca.key", "-out", "ca.pem");
  await openssl("req", ...fresh, "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem");
  await Deno.writeTextFile(folder.at("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
  await openssl("x509", "-req", "-in", "request.pem", ...signed, "-out", "cert.pem");
}

Deno.test("A broker with a certificate of a private authority is trusted only with cacertfile", async () => {
  await using folder = await withFolder();
  await certificates(folder);
  await using broker = await startBroker({ port: 0, memory: true });
  const [cert, key] = await Promise.all(
    ["cert.pem", "key.pem"].map((file) => Deno.readTextFile(folder.at(file))),
  );
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: cert!, key: key! });
  const serving = (async () => {
    for (;;) {
      const secure = await listener.accept().catch(() => undefined);
      if (secure === undefined) return;
      const plain = await Deno.connect({ port: broker.port });
      const done = [secure.readable.pipeTo(plain.writable), plain.readable.pipeTo(secure.writable)];
      await Promise.allSettled(done);
    }
  })();
  const url = `amqps://127.0.0.1:${listener.addr.port}`;
  const open = async (query: string) => {
    const connection = await AmqpConnection.open(parseAmqpUri(url + query), "test");
    await connection.close();
  };

  for (const name of ["cacertfile", "cafile"]) await open(`?${name}=${folder.at("ca.pem")}`);
  await assert.rejects(open(""), /certificate|UnknownIssuer/i);
  await assert.rejects(
    open(`?cacertfile=${folder.at("none.pem")}`),
    /The file '.*none\.pem', which is named in the broker's address, cannot be read: no such file or directory$/,
  );
  listener.close();
  await serving;
});

Deno.test("An unknown or useless TLS parameter in a broker's address is refused", () => {
  assert.throws(
    () => parseAmqpUri("amqps://host?verify=verify_none"),
    /'verify' .* is not known; expected one of .*cacertfile/,
  );
  assert.throws(
    () => parseAmqpUri("amqp://host?cacertfile=ca.pem"),
    /'cacertfile' .* is for TLS; write amqps:\/\//,
  );
  assert.deepEqual(parseAmqpUri("amqps://host?certfile=a&keyfile=b").files, { cert: "a", key: "b" });
});
