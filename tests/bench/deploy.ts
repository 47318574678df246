/**
 * `deno task bench deploy`: milliseconds from dropping a file to its first handled message, and from an edit to the
 * first message that the new version handles, on the embedded broker.
 */
import { createEvents, type Event } from "../../runtime/core/ports/events.ts";
import { startApp } from "../../runtime/app.ts";
import { connect } from "../../runtime/client/mod.ts";
import { startTestBroker } from "../../runtime/testing.ts";
import { median, percentile } from "./figures.ts";

const drops = Number(Deno.args[0] ?? 30);

if (import.meta.main) {
  await using broker = await startTestBroker();
  const folder = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  const events = createEvents();
  const app = await startApp({ functions: folder, broker: broker.url, events, watch: {} });
  await app.ready;
  const client = await connect(broker.url);
  const source = (name: string, version: number) =>
    `import { queue } from "hopper";\nexport default queue("${name}", (_, { log }) => log("${name} ${version}"));\n`;
  const said = (message: string) =>
    new Promise<void>((resolve) => {
      const off = events.on((event: Event) => {
        if (event.event !== "log" || event.message !== message) return;
        off();
        resolve();
      });
    });
  const timed = async (name: string, version: number) => {
    const begun = performance.now();
    const first = said(`${name} ${version}`);
    await Deno.writeTextFile(`${folder}/${name}.ts`, source(name, version));
    await pastAttached(events, name, () => client.send(name, version));
    await first;
    return performance.now() - begun;
  };
  const dropped: number[] = [], edited: number[] = [];
  for (let i = 0; i < drops; i++) {
    dropped.push(await timed(`f${i}`, 1));
    edited.push(await timed(`f${i}`, 2));
  }
  console.log("| what | p50 ms | p90 ms | goal |\n| --- | --- | --- | --- |");
  for (const [what, times] of [["a new file", dropped], ["an edited file", edited]] as const) {
    console.log(`| ${what} | ${Math.round(median(times))} | ${Math.round(percentile(times, 90))} | 300 |`);
  }
  await client.close();
  await app.stop();
  await Deno.remove(folder, { recursive: true });
}

/**
 * Sends after the version is deployed, because the old version of an edited function would take an earlier message.
 */
async function pastAttached(
  events: ReturnType<typeof createEvents>,
  name: string,
  send: () => Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const off = events.on((event) => {
      if (event.event !== "deployed" || event.function !== name) return;
      off();
      resolve();
    });
  });
  await send();
}
