import assert from "node:assert/strict";
import { type IdServer, StoreDown } from "../../runtime/core/ports/id_server.ts";
import { openIdServers } from "../../runtime/stores/mod.ts";
import { ownName, testOnStores } from "../support/stores.ts";
import { startStore, type StoreNode, withPostgres } from "../support/store_node.ts";

/** A runtime's view of a store, closed at the end of the test. */
function opened({ kind, url }: Pick<StoreNode, "kind" | "url">): IdServer & AsyncDisposable {
  const server = openIdServers(() => url)(kind, "IDS_URL");
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}

/** Asks until the answer is no error, as whoever waits for a store does. */
async function back(server: IdServer): Promise<number> {
  const began = performance.now();
  while (!await server.ready().then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - began;
}

testOnStores("An id that one runtime has remembered is known to another", async (store) => {
  await using one = opened(store);
  await using other = opened(store);
  const id = ownName();

  assert.equal(await other.has(id), false);
  await one.add(id, 60_000);
  assert.equal(await other.has(id), true);
  assert.equal(await other.has(`${id}2`), false);
});

testOnStores(
  "An id is forgotten when its time is over, which begins anew when it is added again",
  async (store) => {
    await using server = opened(store);
    const [soon, later] = [ownName(), ownName()];

    await server.add(soon, 1);
    await server.add(later, 1);
    await server.add(later, 60_000);
    while (await server.has(soon)) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await server.has(later), true);
  },
);

testOnStores("Ids with any characters are different ids", async (store) => {
  await using server = opened(store);
  const name = ownName();
  const ids = ["%00", "'", "ü%20", ":", "x".repeat(1_500)].map((odd) => `${name}${odd}`);

  for (const [i, id] of ids.entries()) {
    assert.equal(await server.has(id), false, `${i}`);
    await server.add(id, 60_000);
    assert.equal(await server.has(id), true, `${i}`);
  }
});

testOnStores(
  "A wrong password is an error that names the server and the variable, and shows no password",
  async (store) => {
    await using server = opened({ ...store, kind: store.kind, url: store.url.replace("s3cret", "gue55ed") });

    for (const work of [server.ready(), server.has("a"), server.add("a", 1)]) {
      await assert.rejects(work, (error: unknown) => {
        assert.ok(error instanceof StoreDown);
        assert.match(
          error.message,
          new RegExp(`^(Redis|PostgreSQL) at 127.0.0.1:${store.port} \\(IDS_URL\\): .*password`),
        );
        assert.doesNotMatch(error.message, /gue55ed/);
        return true;
      });
    }
  },
);

testOnStores("Who cannot write is not ready, and is once writing works again", async (store) => {
  await using server = opened(store);
  await server.ready();

  await store.takesWrites(false);
  // The connections that are open have the setting a moment later.
  while (await server.ready().then(() => true, () => false));
  await assert.rejects(server.ready(), StoreDown);
  await store.takesWrites(true);
  await back(server);
  await server.add(ownName(), 1);
});

for (const fault of ["killed", "frozen"] as const) {
  testOnStores(
    `While the server is ${fault}, everything fails within seconds, and works soon after it is back`,
    async ({ kind }) => {
      await using store = await startStore(kind);
      await using server = opened(store);
      await server.add("before", 60_000);

      if (fault === "killed") await store.kill();
      else store.pause();
      const began = performance.now();
      const works = Array.from({ length: 50 }, (_, i) => server.add(`while ${i}`, 60_000));
      const ended = await Promise.allSettled(works);
      assert.ok(ended.every(({ status }) => status === "rejected"));
      assert.ok(performance.now() - began < 8_000, "takes too long to fail");

      if (fault === "killed") await store.start();
      else store.resume();
      assert.ok(await back(server) < 5_000, "takes too long to come back");
      assert.equal(await server.has("before"), true, "what was confirmed is still known");
    },
  );
}

testOnStores("Many runtimes that start at the same time can all use it", async ({ kind }) => {
  await using store = await startStore(kind);
  const servers = Array.from({ length: 8 }, () => opened(store));

  await Promise.all(servers.map((server) => server.ready()));
  await Promise.all(servers.map((server, i) => server.add(`${i}`, 60_000)));
  assert.equal(await store.kept(), 8);
  await Promise.all(servers.map((server) => server.close()));
});

testOnStores("Functions share the connections, until the last one is closed", async (store) => {
  const open = openIdServers(() => store.url);
  const [one, other] = [open(store.kind, "IDS_URL"), open(store.kind, "IDS_URL")];
  await one.ready();

  await one.close();
  await one.close();
  await other.ready();
  await other.close();
  await assert.rejects(other.ready(), /is closed/);
});

testOnStores("Old ids are deleted as new ones come", async (store) => {
  await using server = opened(store);
  const before = await countAfter(server, store);

  for (let i = 0; i < 20; i++) {
    await Promise.all(Array.from({ length: 50 }, (_, j) => server.add(`old ${i} ${j}`, 1)));
  }
  assert.ok(await countAfter(server, store) < before + 501);
});

async function countAfter(server: IdServer, store: StoreNode): Promise<number> {
  await server.ready();
  return await store.kept();
}

testOnStores("A user who may not make tables can use one that is there", async (store) => {
  if (store.kind !== "postgres") return;
  await using first = opened(store);
  await first.ready();
  await withPostgres(
    store.url,
    (client) =>
      client.query(`
    CREATE USER limited PASSWORD 's3cret';
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT SELECT, INSERT, UPDATE, DELETE ON hopper_handled TO limited;`),
  );

  await using limited = opened({ kind: "postgres", url: store.url.replace("hopper:", "limited:") });
  await limited.ready();
  const id = ownName();
  await limited.add(id, 60_000);
  assert.equal(await first.has(id), true);
});
