import assert from "node:assert/strict";
import { startTest } from "hopper/testing";
import sharp from "sharp";
import config from "../deploy.config.ts";

const functions = import.meta.dirname!;

Deno.test("A wide picture becomes a file that is 200 pixels wide", async () => {
  await using hopper = await startTest({ functions, config, patience: 30_000 });
  const picture = sharp({ create: { width: 640, height: 320, channels: 3, background: "teal" } });
  const name = `test-${crypto.randomUUID()}`;
  await hopper.send("pictures", await picture.jpeg().toBuffer(), { headers: { name } });
  await hopper.handled("store");
  const file = `thumbnails/${name}.png`;
  const small = await sharp(await Deno.readFile(file)).metadata();
  assert.deepEqual([small.format, small.width, small.height], ["png", 200, 100]);
  await Deno.remove(file);
});

Deno.test("What is no picture becomes a dead letter at once", async () => {
  await using hopper = await startTest({ functions, config, patience: 30_000 });
  await hopper.send("pictures", new Uint8Array([1, 2, 3]), { headers: { name: "noise" } });
  assert.match(await hopper.failed("shrink"), /no picture/);
});

Deno.test("A name that would lead out of the folder is refused", async () => {
  await using hopper = await startTest({ functions, config, patience: 30_000 });
  await hopper.send("thumbnails", new Uint8Array([1]), { headers: { name: "../secret" } });
  assert.match(await hopper.failed("store"), /letters, digits/);
});
