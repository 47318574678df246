import assert from "node:assert/strict";
import { connect } from "amqplib";
import { Buffer } from "node:buffer";
import { startBroker } from "../../../runtime/broker/mod.ts";
import { withFolder } from "../../support/folder.ts";

/** The modes of a folder and of its files, by name. */
async function modes(folder: string): Promise<Record<string, string>> {
  const octal = async (path: string) => ((await Deno.stat(path)).mode! & 0o777).toString(8);
  const found: Record<string, string> = { ".": await octal(folder) };
  for await (const { name } of Deno.readDir(folder)) found[name] = await octal(`${folder}/${name}`);
  return found;
}

async function keep(data: string): Promise<Record<string, string>> {
  await using broker = await startBroker({ port: 0, data });
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("q");
  channel.sendToQueue("q", Buffer.from("secret"), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
  return await modes(data);
}

Deno.test("Only the owner can read the stored files", async () => {
  await using folder = await withFolder();
  assert.deepEqual(await keep(folder.at("made/.hopper")), {
    ".": "700",
    "broker.sqlite": "600",
    "broker.sqlite-wal": "600",
  });
});

Deno.test("Stored files that others could read become private", async () => {
  await using folder = await withFolder();
  const data = folder.at(".hopper");
  await keep(data);
  await Deno.writeTextFile(`${data}/broker.sqlite-wal`, "");
  await Deno.chmod(data, 0o755);
  for (const name of ["broker.sqlite", "broker.sqlite-wal"]) await Deno.chmod(`${data}/${name}`, 0o644);

  assert.deepEqual(await keep(data), { ".": "700", "broker.sqlite": "600", "broker.sqlite-wal": "600" });
});

Deno.test("The mode of an existing folder is kept, and the stored files in it are private", async () => {
  await using folder = await withFolder({ "data/mine.txt": "" });
  await Deno.chmod(folder.at("data"), 0o755);
  await Deno.chmod(folder.at("data/mine.txt"), 0o644);

  const found = await keep(folder.at("data"));
  assert.equal(found["."], "755");
  assert.equal(found["mine.txt"], "644");
  assert.equal(found["broker.sqlite"], "600");
});
