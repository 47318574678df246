/** `testOnStores`: one test of a store of handled ids that replicas share, on a real Redis and a real PostgreSQL. */

import type { IdServerKind } from "../../runtime/core/ports/id_server.ts";
import { leaveOut } from "./rabbitmq.ts";
import { isStoreInstalled, startStore, type StoreNode, storePackages } from "./store_node.ts";

/** The kinds of stores, and what each is called. */
const kinds = { redis: "Redis", postgres: "PostgreSQL" } as const;

/** The kinds that are installed. The tests of others are left out with a notice. */
const installed = new Set(
  (Object.keys(kinds) as IdServerKind[]).filter((kind) => {
    if (isStoreInstalled(kind)) return true;
    leaveOut(kinds[kind], storePackages[kind]);
    return false;
  }),
);

/** Registers a test for each kind of store. Those in one file share a server, which each leaves running. */
export function testOnStores(
  name: string,
  run: (store: StoreNode) => Promise<void>,
  ignore = false,
): void {
  for (const kind of Object.keys(kinds) as IdServerKind[]) {
    Deno.test(`${kinds[kind]}: ${name}`, { ignore: ignore || !installed.has(kind) }, async () => {
      await run(nodes.get(kind)!);
    });
  }
}

/** A name that no other test has used, as the servers keep what they are told. */
export function ownName(): string {
  return `test-${crypto.randomUUID().slice(0, 8)}`;
}

/** Sets a variable of this process for a test, to the store's address. */
export function variableWith(value: string): { readonly name: string } & Disposable {
  const name = `TEST_STORE_${crypto.randomUUID().slice(0, 8).toUpperCase()}`;
  Deno.env.set(name, value);
  return { name, [Symbol.dispose]: () => Deno.env.delete(name) };
}

const nodes = new Map<IdServerKind, StoreNode>();

Deno.test.beforeAll(async () => {
  for (const kind of installed) nodes.set(kind, await startStore(kind));
});

Deno.test.afterAll(async () => {
  for (const node of nodes.values()) await node[Symbol.asyncDispose]();
});
