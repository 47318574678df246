import assert from "node:assert/strict";
import { Guard } from "../../../runtime/host/process/reaper.ts";
import { start } from "../../support/process.ts";

/** Waits until nothing exists at this path. */
async function gone(path: string): Promise<void> {
  while (await Deno.stat(path).then(() => true, () => false)) await new Promise((go) => setTimeout(go, 5));
}

Deno.test("A killed runtime leaves no process behind, even a busy one, and no folder", async () => {
  const program = new URL("reaper_program.ts", import.meta.url).pathname;
  await using runtime = start(Deno.execPath(), ["run", "-A", program], { env: { NO_COLOR: "1" } });
  const { pids, folder } = JSON.parse(await runtime.line("pids"));
  assert.equal(pids.length, 2);
  for (const pid of pids) await Deno.stat(`/proc/${pid}`);
  await Deno.stat(`${folder}/cache`);

  runtime.signal("SIGKILL");

  await Promise.all([...pids.map((pid: number) => gone(`/proc/${pid}`)), gone(folder)]);
});

Deno.test("The guard kills only the processes that were not removed from it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hopper-" });
  const guard = new Guard(folder);
  const sleep = () => new Deno.Command("/bin/sleep", { args: ["1000"], detached: true }).spawn();
  const [first, second, third] = [sleep(), sleep(), sleep()];

  for (const { pid } of [first, second, third]) guard.add(pid);
  guard.remove(second.pid);
  await guard.close();

  assert.deepEqual([(await first.status).signal, (await third.status).signal], ["SIGKILL", "SIGKILL"]);
  second.kill("SIGTERM");
  assert.equal((await second.status).signal, "SIGTERM");
  await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
});

Deno.test("A closed guard ignores further processes", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hopper-" });
  const guard = new Guard(folder);
  guard.add(2 ** 22 + 1);
  guard.remove(2 ** 22 + 1);
  guard.remove(2 ** 22 + 2);
  await guard.close();
  guard.add(1);
  guard.remove(1);
  await guard.close();
});
