import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { createEvents, type Event, type Events } from "../../../runtime/core/ports/events.ts";
import { openRuns } from "../../../runtime/observe/runs/mod.ts";
import { observedRun } from "../../support/observed_run.ts";

function handle(events: Events, id: string, body = "hello", failed = false): void {
  const run = observedRun({ id, message: { id: `m-${id}`, body: new TextEncoder().encode(body) } });
  const about = { function: "work", messageId: run.message.id, run };
  events.emit({ event: "started", ...about });
  if (failed) events.emit({ event: "failed", ...about, attempt: 1, ms: 5, error: "Error: boom" });
  else events.emit({ event: "handled", ...about, attempt: 1, ms: 5 });
}

/** Events, and the notices among them. */
function listen() {
  const events = createEvents();
  const notices: string[] = [];
  events.on((event: Event) => event.event === "notice" && notices.push(event.message));
  return { events, notices };
}

async function withFolder(test: (data: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hopper-runs-" });
  try {
    await test(`${folder}/.hopper`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Runs are there again after a restart, the latest first, with their payloads", () =>
  withFolder(async (data) => {
    const first = listen();
    const runs = openRuns({ events: first.events, data, keep: true });
    handle(first.events, "1", "one");
    handle(first.events, "2", "two", true);
    await runs.close();

    const again = openRuns({ events: listen().events, data, keep: true });
    assert.deepEqual(again.log.latest().map(({ id, status, error }) => [id, status, error]), [
      ["2", "failed", "Error: boom"],
      ["1", "ok", undefined],
    ]);
    assert.equal(new TextDecoder().decode(again.log.get("1")!.message!.body), "one");
    await again.close();
    assert.deepEqual(first.notices, []);
  }));

Deno.test("Only the owner can read the file, as it holds payloads", () =>
  withFolder(async (data) => {
    const { events } = listen();
    const runs = openRuns({ events, data, keep: true });
    handle(events, "1");
    await runs.close();

    for await (const { name } of Deno.readDir(data)) {
      assert.equal((await Deno.stat(`${data}/${name}`)).mode! & 0o077, 0, name);
    }
    assert.equal((await Deno.stat(data)).mode! & 0o077, 0);
  }));

Deno.test("What is no longer kept leaves the disk too", () =>
  withFolder(async (data) => {
    const first = listen();
    const runs = openRuns({ events: first.events, data, keep: false });
    for (let i = 0; i < 10_050; i++) handle(first.events, String(i));
    await runs.close();

    const again = openRuns({ events: listen().events, data, keep: false });
    const kept = again.log.latest();
    assert.ok(kept.length <= 10_000, `${kept.length} runs`);
    assert.equal(kept[0]!.id, "10049");
    await again.close();
  }));

Deno.test("A second runtime in the same folder keeps its runs in memory, and says so", () =>
  withFolder(async (data) => {
    const [one, two] = [listen(), listen()];
    const first = openRuns({ events: one.events, data, keep: true });
    const second = openRuns({ events: two.events, data, keep: true });
    handle(two.events, "1");

    assert.equal(second.log.get("1")?.status, "ok");
    assert.equal(two.notices.length, 1);
    assert.match(two.notices[0]!, /^Runs are kept in memory only: .*runs\.sqlite' cannot be used: .*locked/);
    await second.close();
    await first.close();
  }));

Deno.test("A file that is no database is left as it is, and runs are kept in memory", () =>
  withFolder(async (data) => {
    await Deno.mkdir(data);
    const text = "This is no database, but somebody's notes. ".repeat(50);
    await Deno.writeTextFile(`${data}/runs.sqlite`, text);
    const { events, notices } = listen();
    const runs = openRuns({ events, data, keep: true });
    handle(events, "1");
    await runs.close();

    assert.match(notices[0]!, /not a database/);
    assert.equal(await Deno.readTextFile(`${data}/runs.sqlite`), text);
  }));

Deno.test("A file that cannot be read costs the runtime no start", () =>
  withFolder(async (data) => {
    const first = listen();
    const runs = openRuns({ events: first.events, data, keep: true });
    handle(first.events, "1");
    await runs.close();
    const database = new DatabaseSync(`${data}/runs.sqlite`);
    database.exec("UPDATE runs_1 SET record = 'no JSON'");
    database.close();

    const { events, notices } = listen();
    const again = openRuns({ events, data, keep: true });
    handle(events, "2");
    assert.equal(again.log.get("2")?.status, "ok");
    assert.match(notices[0]!, /^Runs are kept in memory only: .*JSON/);
    await again.close();
  }));
