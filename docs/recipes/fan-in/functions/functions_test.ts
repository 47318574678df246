import { startTest } from "hopper/testing";
import config from "../deploy.config.ts";

const functions = import.meta.dirname!;

Deno.test("A report is done when the last of its texts is counted", async () => {
  await using hopper = await startTest({ functions, config });
  const id = crypto.randomUUID();
  await hopper.send("reports", { id, texts: ["one two", "three", "four five six"] });
  await hopper.handled("join", 3);
  await hopper.handled("done");
});

Deno.test("A report that is sent twice is done once", async () => {
  await using hopper = await startTest({ functions, config });
  const id = crypto.randomUUID();
  await hopper.send("reports", { id, texts: ["one two"] });
  await hopper.handled("done");
  await hopper.send("reports", { id, texts: ["one two"] });
  await hopper.handled("join", 2);
  await hopper.send("reports", { id: crypto.randomUUID(), texts: ["another"] });
  await hopper.handled("done", 2);
});
