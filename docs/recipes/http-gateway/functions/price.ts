import { rpc, RpcError } from "hopper";

const cents: Record<string, number> = { bolt: 12, nut: 8 };

/** What an item costs, in cents. */
export default rpc("shop.price", ({ item }: { item: string }) => {
  const price = cents[item];
  if (price === undefined) throw new RpcError("NO_SUCH_ITEM", { detail: `There is no '${item}'` });
  return { item, cents: price };
});
