import assert from "node:assert/strict";
import { FolderLinks } from "../../../runtime/host/process/folder_links.ts";
import { withFolder } from "../../support/folder.ts";
import { startWitnessed } from "../../support/witness.ts";
import { testOnBroker } from "../../support/test_on_broker.ts";

Deno.test("Links out of the folder are found when they are made and removed, and the list stays the same object until then", async () => {
  await using outside = await withFolder({ "secret.txt": "secret" });
  await using folder = await withFolder({ "a/b/c.txt": "" });
  const links = new FolderLinks(folder.path);
  /** Waits until the known links are others than these. */
  const changed = async (before: readonly string[]) => {
    for (;;) {
      const now = await links.current();
      if (now !== before) return now;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };

  const none = await links.current();
  assert.deepEqual(none, []);
  await Deno.symlink(outside.at("secret.txt"), folder.at("a/b/link"));
  const one = await changed(none);
  assert.deepEqual(one.map((link) => link.slice(folder.path.length)), ["/a/b/link"]);
  await Deno.writeTextFile(folder.at("a/other.txt"), "");
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await links.current(), one);
  await Deno.remove(folder.at("a/b/link"));
  assert.deepEqual(await changed(one), []);
});

Deno.test("Links out of a folder that cannot be read are an error", async () => {
  await assert.rejects(new FolderLinks("/nowhere/at/all").current(), Deno.errors.NotFound);
});

testOnBroker(
  "A link out of the folder that is made while the process runs is not followed",
  async ({ broker }) => {
    await using outside = await withFolder({ "secret.txt": "secret" });
    await using to = await startWitnessed(broker, {
      reads:
        `export default rpc("reads", { permissions: { read: [new URL("data", import.meta.url).pathname] } },
      (file: string) => Deno.readTextFile(new URL("data/" + file, import.meta.url)));`,
      "data/a.txt": "inside",
    });
    const { folder } = to.app;

    assert.equal(await to.client.call("reads", "a.txt"), "inside");
    await Deno.symlink(outside.at("secret.txt"), `${folder}/data/link.txt`);
    const { message } = await to.refused("reads", "link.txt");
    assert.match(message, /may not read ".*data\/link.txt"/);
    assert.equal(await to.client.call("reads", "a.txt"), "inside");
    await to.app.event("notice", {
      message:
        "reads: its process restarts, because links that lead out of the functions folder have changed",
    });
  },
);
