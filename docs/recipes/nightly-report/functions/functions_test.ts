import { startTest } from "hopper/testing";
import config from "../deploy.config.ts";

const functions = import.meta.dirname!;

Deno.test("A report is made of the orders, and delivered", async () => {
  await using hopper = await startTest({ functions, config });
  await hopper.send("orders", { id: crypto.randomUUID(), cents: 1200 });
  await hopper.handled("orders");
  await hopper.fire("report");
  await hopper.handled("report");
  await hopper.handled("deliver");
});
