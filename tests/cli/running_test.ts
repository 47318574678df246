/** Commands that ask a running runtime: runs, logs, queues, top, pause and resume. */
import assert from "node:assert/strict";
import { startBroker } from "../../runtime/broker/mod.ts";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { cli, type Hopper, hopperCommand, startHopper } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { run, start } from "../support/process.ts";

const works = `import { queue } from "hopper";
  export default queue("works", { retry: { attempts: 2, delay: "10ms" } }, (text, { log }) => {
    log("Got " + text, { size: String(text).length });
    if (text === "bad") throw new Error("No\\u001b[31m");
  });`;

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

interface Running {
  readonly hopper: Hopper;
  readonly broker: Broker;
  readonly admin: string;
  /** Runs a command in the runtime's folder, and returns its stdout. It must succeed. */
  ask(...args: string[]): Promise<string>;
}

/** A test with a runtime that has run a good message, and twice a bad one. */
function testRunning(name: string, test: (running: Running) => Promise<void>): void {
  Deno.test(name, async () => {
    await using embedded = await startBroker({ port: 0, memory: true });
    const admin = `127.0.0.1:${freePort()}`;
    await using hopper = await startHopper({
      functions: { works },
      broker: embedded.url,
      args: ["--admin", admin],
    });
    await using broker = await connectBroker(embedded.url);
    await broker.send("works", "good", { messageId: "m-good" });
    await hopper.event("handled", { messageId: "m-good" });
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    await broker.send("works", "bad", { messageId: "m-bad", headers });
    await hopper.event("dead-lettered", { messageId: "m-bad" });
    const ask = async (...args: string[]) => {
      const { code, stdout, stderr } = await hopperCommand(args, { cwd: hopper.dir });
      assert.equal(code, 0, stderr);
      return stdout;
    };
    await test({ hopper, broker, admin, ask });
  });
}

testRunning(
  "Runs are listed with the latest first, filtered, and shown with all that is kept of them",
  async ({ ask, admin }) => {
    const table = (await ask("runs")).trimEnd().split("\n");
    assert.match(table[0]!, /^QUEUED +STATUS +FUNCTION +RUN +TRIGGER +DURATION +ATTEMPT +ERROR$/);
    assert.deepEqual(table.slice(1).map((row) => row.split(/ {2,}/)[1]), ["dead", "retrying", "ok"]);
    assert.match(table[1]!, / works +\S+ +queue works +\d+ ms +2 +Error: No\\x1b\[31m$/);

    const { runs } = JSON.parse(await ask("runs", "works", "--failed", "--since", "1h", "--json"));
    assert.deepEqual(runs.map(({ status }: { status: string }) => status), ["dead", "retrying"]);
    assert.equal(
      await ask("runs", "--search", "m-good", "--status", "dead,failed"),
      "None of the 3 kept runs is one of these\n",
    );
    assert.match(await ask("runs", "--limit", "2"), /There are more: see them with a higher --limit\n$/);

    const id = runs[0].id;
    const shown = await ask("runs", "show", id);
    for (
      const part of [
        `Run       ${id}\n`,
        "Status    dead, in works.dead\n",
        "Message   m-bad, attempt 2\n",
        `Trace     ${traceId}\n`,
        "Error     Error: No\\x1b[31m\n",
        "At        functions/works.ts:4:31\n",
        `${id} (this)`,
        '│ works Got bad {"size":3} attempt 2 m-bad',
        "Payload (3 bytes)\n  bad\n",
      ]
    ) assert.ok(shown.includes(part), `${part} in:\n${shown}`);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(shown, /\x1b/);
    assert.equal(JSON.parse(await ask("runs", "show", id, "--json")).messageId, "m-bad");

    const stranger = await hopperCommand(["runs", "show", id, "--admin", admin], {});
    assert.match(stranger.stdout, /hidden without the token/);
    assert.doesNotMatch(stranger.stdout, /Got bad|Payload/);
    const lines = await hopperCommand(["logs", "--admin", admin], {});
    assert.doesNotMatch(lines.stdout, /Got bad/);
    assert.equal(
      lines.stderr,
      "! What functions logged is hidden without the token: give HOPPER_ADMIN_TOKEN\n",
    );
  },
);

testRunning(
  "A run's message is sent again, as it was or with another input",
  async ({ ask, hopper, admin }) => {
    const [failed] = hopper.logged("failed");
    assert.match(
      await ask("runs", "replay", String(failed!.run)),
      /^Sent to queue 'works' again, with the message id \S+\n$/,
    );
    await hopper.events("log", 4, { message: "Got bad" });
    const view = JSON.parse(
      await ask("runs", "replay", String(failed!.run), "--input", "good again", "--json"),
    );
    assert.equal((await hopper.event("handled", { messageId: view.messageId })).function, "works");
    assert.equal(hopper.logged("log", { message: "Got good again" }).length, 1);

    const stranger = await hopperCommand(["runs", "replay", String(failed!.run), "--admin", admin], {});
    assert.equal(stranger.code, 1);
    assert.match(stranger.stderr, /^hopper: The runtime at \S+ needs its token/);
    const gone = await hopperCommand(["runs", "show", "nosuch"], { cwd: hopper.dir });
    assert.deepEqual([gone.code, gone.stdout], [1, ""]);
    assert.match(gone.stderr, /^hopper: No run 'nosuch'/);
    const wrong = await hopperCommand(["runs", "--status", "ded"], { cwd: hopper.dir });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /'ded' is not a status; did you mean 'dead'\?/);
  },
);

testRunning(
  "Logs are the lines of the latest runs, or of one, in the order of their times",
  async ({ ask, hopper }) => {
    const lines = (await ask("logs", "works")).trimEnd().split("\n").map((line) =>
      line.replace(/^[\d-]+ [\d:]+ /, "")
    )
      .filter((line) => !line.startsWith("      "));
    const ended = (line: string) => line.replace(/\d+ ms/, "N ms").replace(/run \S+/, "run R");
    const trace = `trace ${traceId}`;
    assert.deepEqual(lines.map(ended), [
      '│ works Got good {"size":4} attempt 1 m-good',
      "✓ works N ms attempt 1 m-good",
      `│ works Got bad {"size":3} attempt 1 m-bad ${trace}`,
      `✗ works N ms attempt 1 m-bad Error: No\\x1b[31m (functions/works.ts:4:31) run R ${trace}`,
      `│ works Got bad {"size":3} attempt 2 m-bad ${trace}`,
      `✗ works N ms attempt 2 m-bad Error: No\\x1b[31m (functions/works.ts:4:31) run R ${trace}`,
    ]);

    const run = String(hopper.logged("failed")[0]!.run);
    const [said, failed] = (await ask("logs", "--run", run, "--json")).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    assert.deepEqual([said.event, said.data, said.run, said.traceId], ["log", { size: 3 }, run, traceId]);
    assert.deepEqual([failed.event, failed.attempt, failed.level], ["failed", 1, "error"]);
    assert.equal(
      (await ask("logs", "--run", run, "--level", "error", "--json")).trimEnd().split("\n").length,
      1,
    );
  },
);

testRunning(
  "A followed log shows new lines, says when the stream ends, and goes on when there is one again",
  async ({ hopper, broker, admin }) => {
    const following = start(Deno.execPath(), cli("logs", "works", "-f"), {
      cwd: hopper.dir,
      env: { NO_COLOR: "1" },
    });
    await using follow = following;
    const follows = async () => {
      for (let count = 0;; count++) {
        await broker.send("works", `seen ${count}`);
        const seen = await follow.furtherLines(/│ works Got seen/, 1, { timeout: 500 }).then(
          () => true,
          () => false,
        );
        if (seen) {
          return;
        }
        if (count > 40) assert.fail(follow.output.join("\n"));
      }
    };
    await follows();
    assert.ok(!follow.output.some((line) => line.includes("Got good")), "only what is new");

    await hopper.stop();
    await follow.line(/^! The stream has ended/);
    const url = broker.url;
    const again = start(Deno.execPath(), cli("run", "--broker", url, "--admin", admin, "--log", "json"), {
      cwd: hopper.dir,
    });
    await using _again = again;
    await follow.line(/^! Connected again/);
    await follows();
    follow.signal("SIGINT");
    await follow.exit();

    const read = await run("sh", ["-c", '"$@" | head -n 1', "sh", Deno.execPath(), ...cli("logs")], {
      cwd: hopper.dir,
    });
    assert.equal(read.stdout.split("\n").length, 2);
    assert.equal(read.stderr, "", "a reader that has read enough is no error");
  },
);

testRunning(
  "Queues are listed with what waits, and messages that wait are shown and stay",
  async ({ ask, broker }) => {
    const [heading, ...rows] = (await ask("queues")).trimEnd().split("\n");
    assert.match(heading!, /^QUEUE +KIND +READY +UNACKED +CONSUMERS +TAKEN\/S +GROWTH\/S +FUNCTIONS$/);
    assert.match(rows.find((row) => row.startsWith("works "))!, /^works +work +0 +0 +1 +\S+ +\S+ +works$/);
    assert.match(rows.find((row) => row.startsWith("works.dead "))!, /^works\.dead +dead +1 +0 +0 /);

    assert.match(await ask("pause", "works"), /^works is paused/);
    for (const text of ["one\x1b[2J", "two"]) {
      await broker.send("works", text, {
        messageId: text,
        headers: { a: 1 },
      });
    }
    const peeked = await ask("queues", "peek", "works", "--max", "1");
    assert.match(peeked, /^Message {2}one\\x1b\[2J\nTrigger {2}queue works\nHeaders\n {2}\{\n {4}"a": 1\n/);
    assert.match(peeked, /\nPayload \(7 bytes\)\n {2}one\\x1b\[2J\n$/);
    assert.equal(JSON.parse(await ask("queues", "peek", "works", "--json")).messages.length, 2);
    assert.equal(await broker.waiting("works"), 2);
  },
);

testRunning("A paused function takes no messages until it is resumed", async ({ ask, broker, hopper }) => {
  await ask("pause", "works");
  await hopper.event("held", { function: "works" });
  await broker.send("works", "later", { messageId: "m-later" });
  assert.match(await ask("top"), /^works +paused /m);
  assert.deepEqual(hopper.logged("handled", { messageId: "m-later" }), []);
  assert.match(await ask("resume", "works"), /^works is /);
  await hopper.event("handled", { messageId: "m-later" });

  const { code, stderr } = await hopperCommand(["pause", "nosuch"], { cwd: hopper.dir });
  assert.deepEqual([code, stderr], [1, "hopper: No function 'nosuch' is served here\n"]);
});
