/** Keys of `hopper run`, on a real terminal. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startBroker } from "../../runtime/broker/mod.ts";
import { connect } from "../../runtime/client/mod.ts";
import { type Folder, withFolder } from "../support/folder.ts";
import { cli } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { assertGivenBack, endOf, inShell, Terminal } from "../support/terminal.ts";

const files = {
  "functions/says.ts": `import { rpc } from "hopper";
    export default rpc("says", (text, { log }) => log(\`Got \${text}\`));`,
  "functions/waits.ts": `import { queue } from "hopper";
    export default queue("waits", (_: unknown, { log }) => (log("Begun"), new Promise(() => {})));`,
  // Stands for a desktop's program that opens a browser.
  "bin/xdg-open": `#!/bin/sh\necho "$1" >> "$OPENED"\nexit $(cat "$OPENED.code" 2>/dev/null || echo 0)\n`,
};

/** A command as a shell starts it. */
function deno(...args: string[]): string[] {
  return [Deno.execPath(), ...cli(...args)];
}

function optionsIn(folder: Folder) {
  const env = { PATH: `${folder.at("bin")}:${Deno.env.get("PATH")}`, OPENED: folder.at("opened") };
  return { cwd: folder.path, env };
}

async function withFiles(): Promise<Folder> {
  const folder = await withFolder(files);
  await Deno.chmod(folder.at("bin/xdg-open"), 0o755);
  return folder;
}

Deno.test("On a terminal keys open the page, hide and show log lines, clear, list themselves, and stop", async () => {
  await using folder = await withFiles();
  await using broker = await startBroker({ port: 0, memory: true });
  const admin = `127.0.0.1:${freePort()}`;
  await using run = inShell(deno("run", "--broker", broker.url, "--admin", admin), optionsIn(folder));
  const [, page] = await run.shows(/ Page {5}(\S+)/);
  assert.match(page!, new RegExp(`^http://${admin}/\\?token=\\S+$`));
  await run.shows(/ Keys: \? lists them\r\n/);
  await using client = await connect(broker.url);

  await run.press("?");
  await run.shows(
    /o {2}opens the page.*\r\n.*l {2}shows no more log lines.*\r\n.*c {2}clears.*\r\n.*q {2}stops/,
  );

  await run.press("l");
  await run.shows(/Log lines are not shown; l shows them again/);
  await client.call("says", "one");
  await run.press("l");
  await run.shows(/Log lines are shown/);
  await client.call("says", "two");
  await run.shows(/Got two/);
  assert.doesNotMatch(run.text, /Got one/);

  await run.press("c");
  // deno-lint-ignore no-control-regex
  await run.shows(/\x1b\[2J/);
  await run.press("pasted text with a q in it");
  await client.call("says", "three");
  await run.shows(/Got three/);
  await Deno.writeTextFile(folder.at("opened.code"), "3");
  await run.press("o");
  await run.shows(/No browser could be opened here; the page is at (\S+)/);
  assert.equal(await Deno.readTextFile(folder.at("opened")), `${page}\n`);

  await run.press("q");
  await run.shows(/stopped: /);
  const { code, settings } = await endOf(run);
  assert.equal(code, "0");
  assertGivenBack(settings);
});

Deno.test("The key q waits for runs that have begun, and pressed again stops at once", async () => {
  await using folder = await withFiles();
  await using broker = await startBroker({ port: 0, memory: true });
  await using run = inShell(deno("run", "--broker", broker.url, "--no-admin"), optionsIn(folder));
  await run.shows(/Keys: /);
  await using client = await connect(broker.url);
  await client.send("waits", "x");
  await run.shows(/Begun/);

  await run.press("q");
  await run.shows(/stopping: 1 in flight/);
  await run.press("q");
  const { code, settings } = await endOf(run);
  assert.equal(code, "1");
  assertGivenBack(settings);
});

Deno.test("Ctrl-C stops as ever, and the terminal is as before", async () => {
  await using folder = await withFiles();
  await using broker = await startBroker({ port: 0, memory: true });
  await using run = inShell(deno("run", "--broker", broker.url, "--no-admin"), optionsIn(folder));
  await run.shows(/Keys: /);

  await run.press("\x03");
  await run.shows(/stopped: /);
  assertGivenBack((await endOf(run)).settings);
});

const root = fileURLToPath(new URL("../../", import.meta.url));

// `deno task` does not stop by itself when Ctrl-Z is pressed.
for (const starter of ["hopper run", "deno task run"]) {
  Deno.test(`With Ctrl-Z ${starter} gives the terminal back; in the background it serves, and in front again it has keys`, async () => {
    await using folder = await withFiles();
    await using broker = await startBroker({ port: 0, memory: true });
    await using shell = new Terminal("sh", ["-i"], { ...optionsIn(folder), cwd: root });
    const args = ["run", "--functions", folder.at("functions"), "--broker", broker.url, "--no-admin"];
    const command = (starter === "hopper run" ? deno(...args) : [Deno.execPath(), "task", ...args]).join(" ");
    await shell.press(`PS1=; ${command}\n`);
    await shell.shows(/ Keys: /);
    await using client = await connect(broker.url);

    await shell.press("\x1a");
    await shell.shows(/Stopped|Suspended/);
    // What is typed is shown too, so that the end is written otherwise than it is printed.
    await shell.press(`stty -a | tr -s "; \\n" " "; echo e"nd"\n`);
    assertGivenBack((await shell.shows(/.*end\r\n/s))[0]);

    await shell.press("bg; echo in the back\n");
    await shell.shows(/in the back\r\n/);
    await client.call("says", "behind");
    await shell.shows(/Got behind/);
    await shell.press("echo typed\n");
    await shell.shows(/typed\r\n[^]*typed\r\n/);
    await client.call("says", "still");
    await shell.shows(/Got still/);

    await shell.press("fg\n");
    await shell.shows(/--no-admin/);
    await shell.press("?");
    await shell.shows(/opens the page/);
    await shell.press("q");
    await shell.shows(/stopped: /);
    await shell.press("exit\n");
    await shell.exit();
  });
}

Deno.test("Without a terminal there are no keys", async () => {
  await using folder = await withFiles();
  await using broker = await startBroker({ port: 0, memory: true });
  const script = 'trap : INT; "$@" < /dev/null; echo "end"';
  const command = deno("run", "--broker", broker.url, "--no-admin");
  await using run = new Terminal("sh", ["-c", script, "sh", ...command], optionsIn(folder));
  await run.shows(/Try: /);
  await run.press("q?");
  await using client = await connect(broker.url);
  await client.call("says", "on");
  await run.shows(/Got on/);
  assert.doesNotMatch(run.text, /Keys:|opens the page|stopping/);
  await run.press("\x03");
  await run.shows(/end/);
});
