import { type Client, connect, NoSuchFunction } from "@hopper/hopper/client";
import { type FunctionDeclaration, queue } from "@hopper/hopper";

const [url] = process.argv.slice(2);

async function main(): Promise<void> {
  await using hopper: Client = await connect(url, { timeout: "5s" });
  const sum: unknown = await hopper.call("sum", [1, 2, 3], { timeout: "10s" });
  const error: unknown = await hopper.call("nobody", 1).catch((error: unknown) => error);
  if (error instanceof NoSuchFunction) console.log(sum, error.code);
}

/** A handler is tested as a plain function. */
export const declared: FunctionDeclaration<{ id: number }, void> = queue("q", (order: { id: number }) => {
  console.log(order.id);
});

await main();
