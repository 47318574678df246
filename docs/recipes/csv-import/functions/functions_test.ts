import assert from "node:assert/strict";
import { startTest } from "hopper/testing";
import config from "../deploy.config.ts";

const functions = import.meta.dirname!;

Deno.test("A file's rows are saved, and a bad one becomes a dead letter that says its line", async () => {
  await using hopper = await startTest({ functions, config, patience: 30_000 });
  const file =
    'id,name,email\n1,Ada,ada@example.org\n2,Bob,nowhere\n"3","Grace, Rear Admiral",grace@example.org\n';
  await hopper.send("imports", file);
  await hopper.handled("import_rows", 2);
  assert.match(await hopper.failed("import_rows"), /Line 3: 'nowhere'/);
});

Deno.test("A file without the columns is refused as a whole", async () => {
  await using hopper = await startTest({ functions, config, patience: 30_000 });
  await hopper.send("imports", "id,name\n1,Ada\n");
  assert.match(await hopper.failed("import_file"), /lacks email/);
});
