import assert from "node:assert/strict";
import { ArgumentError } from "../../runtime/core/api/errors.ts";
import { LineWriter } from "../../runtime/observe/line_writer.ts";
import { LogFile } from "../../runtime/observe/log_file.ts";
import { withFolder } from "../support/folder.ts";
import { run } from "../support/process.ts";
import { canMount, withSmallDisk } from "../support/small_disk.ts";

const encoder = new TextEncoder();

/** A log file, lines for it, and what it reported. */
async function open(path: string) {
  const troubles: string[] = [];
  const file = await LogFile.open(path, (trouble) => troubles.push(trouble));
  return { file, troubles, write: (text: string) => file.write(encoder.encode(text)) };
}

/** Writes until the file with this path has what was written, as a rotation is seen only a second later. */
async function writeUntilIn(path: string, write: (text: string) => Promise<number>): Promise<void> {
  for (const began = performance.now(); performance.now() - began < 10_000;) {
    await write("later\n");
    if (await Deno.stat(path).then(({ size }) => size > 0, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`Nothing was written to ${path}`);
}

Deno.test("Lines are added to a log file, which only its owner and group may read", async () => {
  await using folder = await withFolder();
  for (const line of ["first\n", "second\n"]) {
    const { file, write } = await open(folder.at("a.log"));
    await write(line);
    file.close();
  }

  assert.equal(await Deno.readTextFile(folder.at("a.log")), "first\nsecond\n");
  assert.equal((await Deno.stat(folder.at("a.log"))).mode! & 0o007, 0);
});

Deno.test("A log file that was moved or deleted is made again", async () => {
  await using folder = await withFolder();
  const path = folder.at("a.log");
  const { file, write } = await open(path);
  await write("first\n");

  await Deno.rename(path, folder.at("a.log.1"));
  await writeUntilIn(path, write);
  assert.match(await Deno.readTextFile(folder.at("a.log.1")), /^first\n(later\n)*$/);
  assert.equal(await Deno.readTextFile(path), "later\n");

  await Deno.remove(path);
  await writeUntilIn(path, write);
  file.close();
});

Deno.test("A log file that a rotation cuts is written from its beginning", async () => {
  await using folder = await withFolder();
  const { file, write } = await open(folder.at("a.log"));
  await write("first\n");
  await Deno.truncate(folder.at("a.log"));
  await write("second\n");
  file.close();

  assert.equal(await Deno.readTextFile(folder.at("a.log")), "second\n");
});

Deno.test("A log file that cannot be written is an error that names it and the reason", async () => {
  await using folder = await withFolder();
  await run("mkfifo", [folder.at("pipe")]);
  for (
    const [path, why] of [[folder.path, /directory/i], [folder.at("no/a.log"), /No such file/], [
      folder.at("pipe"),
      /pipe/,
    ]] as const
  ) {
    await assert.rejects(
      LogFile.open(path, () => {}),
      (error: Error) => {
        assert.ok(error instanceof ArgumentError);
        assert.ok(error.message.startsWith(`The log file '${path}' cannot be written: `));
        assert.match(error.message, why);
        return true;
      },
    );
  }
});

Deno.test("While a log file cannot be made again, its lines are refused, which is reported once", async () => {
  await using folder = await withFolder({ "logs/a.log": "" });
  const path = folder.at("logs/a.log");
  const { file, troubles, write } = await open(path);
  await Deno.rename(folder.at("logs"), folder.at("moved"));
  for (;;) {
    const refused = await write("x\n").then(() => false, () => true);
    if (refused) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await assert.rejects(write("x\n"), /No such file/);
  assert.equal(troubles.length, 1);
  assert.match(troubles[0]!, /No such file/);

  await Deno.mkdir(folder.at("logs"));
  await writeUntilIn(path, (text) => write(text).catch(() => 0));
  file.close();
});

Deno.test({
  name: "On a full disk lines are lost and counted, and later lines begin on a line of their own",
  ignore: !canMount,
  async fn() {
    await using disk = await withSmallDisk(1);
    const path = `${disk.path}/a.log`;
    const { file, troubles } = await open(path);
    const lines = new LineWriter(file, (count) => `(${count} lost)`);
    const text = async () => await Deno.readTextFile(path);
    lines.write("first");
    while (!(await text()).includes("first")) await new Promise((resolve) => setTimeout(resolve, 5));
    await disk.fill();
    // More than what is left of the file's page, so that a line is cut.
    for (let i = 0; i < 100; i++) lines.write("x".repeat(100));
    while (troubles.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(troubles[0]!, /No space left/);
    await disk.makeRoom();
    while (!(await text()).includes("lost)")) {
      lines.write("again");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await lines.close(1_000);
    file.close();

    const written = (await text()).trimEnd().split("\n");
    assert.equal(written[0], "first");
    for (const line of written) assert.match(line, /^(?:first|x+|again|\(\d+ lost\))$/);
    const [, lost] = /\((\d+) lost\)/.exec(await text())!;
    const whole = written.filter((line) => line.length === 100).length;
    assert.ok(Number(lost) >= 100 - whole, `${lost} lost, ${whole} of 100 whole`);
  },
});
