/** How processes end, and how that is reported. */

import assert from "node:assert/strict";
import { type Processes, withProcesses } from "../../support/processes.ts";
import type { ProcessSpec } from "../../../runtime/host/process/spawn.ts";

/** Makes a process load a file with this code, and returns how the process ended. */
async function endOf(processes: Processes, does: string, spec?: Partial<ProcessSpec>): Promise<string> {
  const process = await processes.start(spec);
  processes.load(process, { "f.ts": does });
  return await process.ended;
}

/** Whether the process exists and is not a zombie. */
async function runs(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
}

Deno.test("The end of a process is described with its last error", async () => {
  await using processes = await withProcesses();
  const told = (does: string) => endOf(processes, does);

  assert.equal(await told("Deno.exit(3);"), "exited with code 3");
  assert.equal(await told("process.abort();"), "was ended by SIGABRT");
  assert.equal(
    await told(`Deno.stderr.writeSync(new TextEncoder().encode("one\\ntwo\\n")); Deno.exit(1);`),
    "exited with code 1: one\ntwo",
  );
  const ended = `ended with an error that nobody caught: Error: Nobody`;
  const thrown = `throw new Error("Nobody" + "x".repeat(1e6))`;
  assert.ok((await told(`setTimeout(() => { ${thrown}; }); await new Promise(() => {});`)).startsWith(ended));
  assert.ok((await told(`(async () => { ${thrown}; })(); await new Promise(() => {});`)).startsWith(ended));
  assert.ok((await told(`(async () => { ${thrown}; })(); await new Promise(() => {});`)).length < 3000);
});

Deno.test("A full heap is described with the setting 'memory', and without V8's dump", async () => {
  await using processes = await withProcesses();
  const process = await processes.start({ memory: 32 });
  const lines: string[] = [];
  processes.load(process, { "f.ts": "for (const all: unknown[] = [];;) all.push({ n: [all.length] });" });
  process.listen({ onFrame: () => {}, onLine: (line) => lines.push(line) });

  assert.equal(await process.ended, "ran out of memory: its setting 'memory' is 32MB");
  assert.deepEqual(lines, []);
});

/** Code that takes memory outside of V8's heap. */
const takes = {
  buffers: `new Uint8Array(2 ** 20).fill(1)`,
  "shared buffers": `new Uint8Array(new SharedArrayBuffer(2 ** 20)).fill(1)`,
  "WebAssembly's memory": `new Uint8Array(new WebAssembly.Memory({ initial: 16 }).buffer).fill(1)`,
};

for (const [what, take] of Object.entries(takes)) {
  Deno.test(`The memory of a process outside of its heap is limited: ${what}`, async () => {
    await using processes = await withProcesses();
    const end = await endOf(processes, `for (const all = [];;) all.push(${take});`, { memory: 64 });

    assert.match(end, /memory/);
    assert.match(end, /its setting 'memory' is 64MB$/);
  });
}

Deno.test("A process may use as much memory outside of its heap as inside, and may start workers", async () => {
  await using processes = await withProcesses();
  const loaded = await processes.load(await processes.start({ memory: 64 }), {
    "f.ts": `const all = Array.from({ length: 64 }, () => new Uint8Array(2 ** 20).fill(1));
      const worker = new Worker("data:text/javascript,postMessage('works')", { type: "module" });
      const said = await new Promise((told) => worker.onmessage = ({ data }) => told(data));
      worker.terminate();
      // Long enough for its memory to be checked.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      throw new Error(said + " beside " + all.length);`,
  });
  assert.ok(loaded.kind === "problem");
  assert.match(loaded.problem.message, /works beside 64/);
});

Deno.test("The workers of a process together get no more memory than the process", async () => {
  await using processes = await withProcesses();
  const end = await endOf(
    processes,
    `const fills = "data:text/javascript,const all = []; for (;;) all.push(new Array(1e5).fill(0));";
     for (let i = 0; i < 4; i++) new Worker(fills, { type: "module" });
     await new Promise(() => {});`,
    { memory: 64 },
  );
  assert.match(end, /memory/);
});

Deno.test("A process cannot store anything in Deno's cache", async () => {
  await using processes = await withProcesses();
  const refused = async (does: string) => {
    const loaded = await processes.load(await processes.start(), { "f.ts": does });
    assert.ok(loaded.kind === "problem");
    return loaded.problem.message;
  };

  assert.match(await refused(`localStorage.setItem("a", "b");`), /^The file fails to load: /);
  assert.match(await refused(`await caches.open("a");`), /^The file fails to load: /);
  assert.match(
    await refused(
      `const script = "data:text/javascript,caches.open('a').then(() => postMessage('kept'), (error) => postMessage(String(error)))";
       const worker = new Worker(script, { type: "module" });
       throw new Error(await new Promise((told) => worker.onmessage = ({ data }) => told(data)));`,
    ),
    /^The file fails to load: Error: (?!kept)/,
  );
});

Deno.test("A process has only the environment that it was given", async () => {
  await using processes = await withProcesses();
  const end = await endOf(
    processes,
    `import { queue } from "hopper";
     setTimeout(() => {
       const names = Object.keys(Deno.env.toObject());
       throw new Error(names.filter((name) => !["PATH", "DENO_NODE_SHIM_ACTIVE"].includes(name)).sort().join());
     }, 100);
     export default queue("f", () => {});`,
    { permissions: ["--allow-env"], env: { GIVEN: "1" } },
  );
  // Deno itself sets PATH for programs of Node.
  assert.match(end, /: Error: DENO_DIR,GIVEN,NO_COLOR$/);
});

Deno.test("A process that sends malformed frames is ended with the reason", async () => {
  await using processes = await withProcesses();
  const pipe = new URL("../../../runtime/host/wire/pipe.ts", import.meta.url).href;
  const says = (does: string) =>
    endOf(
      processes,
      `import { FramePipe } from "${pipe}";
       const send = FramePipe.prototype.send;
       FramePipe.prototype.send = function (kind, id, head, body) { ${does} };`,
    );
  const ended = "sent what the runtime cannot read:";

  assert.match(
    await says(`send.call(this, kind, id, { declaration: { $: "bigint", value: "x" } });`),
    new RegExp(`^${ended} SyntaxError: `),
  );
  assert.match(
    await says(
      `let deep = 1; for (let i = 0; i < 5000; i++) deep = [deep];
       send.call(this, kind, id, { declaration: { deep } });`,
    ),
    new RegExp(`^${ended} RangeError: `),
  );
  assert.match(
    await says(
      `const stringify = JSON.stringify; JSON.stringify = () => "{]";
       send.call(this, kind, id, {}); JSON.stringify = stringify;`,
    ),
    new RegExp(`^${ended} FrameError: A frame's head is not JSON$`),
  );
});

Deno.test("A process that closes its connection and keeps running is ended", async () => {
  await using processes = await withProcesses();
  const pipe = new URL("../../../runtime/host/wire/pipe.ts", import.meta.url).href;
  const end = await endOf(
    processes,
    `import { FramePipe } from "${pipe}";
     Deno.exit = () => { for (;;); };
     FramePipe.prototype.send = function () { this.close(); };`,
  );
  assert.equal(end, "was ended by SIGKILL");
});

Deno.test("Programs that a process started end with it, or at least do not delay its end", async () => {
  await using processes = await withProcesses();
  const spec = { permissions: ["--allow-run"] };
  const child = async (program: string) => {
    const process = await processes.start(spec);
    const line = Promise.withResolvers<string>();
    processes.load(process, {
      "f.ts": `const [program, ...args] = ${JSON.stringify(program.split(" "))};
        const { pid } = new Deno.Command(program, { args, stdin: "null" }).spawn();
        console.debug = undefined;
        Deno.stdout.writeSync(new TextEncoder().encode("started " + pid + "\\n"));
        for (;;);`,
    });
    process.listen({ onFrame: () => {}, onLine: line.resolve });
    return { process, pid: Number((await line.promise).split(" ")[1]) };
  };

  const near = await child("/bin/sleep 1000");
  near.process.kill();
  assert.equal(await near.process.ended, "was ended by SIGKILL");
  while (await runs(near.pid)) await new Promise((resolve) => setTimeout(resolve, 5));

  // It has its own process group, and keeps the output open.
  const far = await child("/usr/bin/setsid /bin/sleep 1000");
  far.process.kill();
  assert.equal(await far.process.ended, "was ended by SIGKILL");
  if (await runs(far.pid)) Deno.kill(far.pid, "SIGKILL");
});

Deno.test("A process that cannot be started is an error with the reason", async () => {
  await using processes = await withProcesses();
  await assert.rejects(
    processes.start({ permissions: ["--allow-nothing"] }),
    /^HostUnavailable: The function's process cannot be started: error: unexpected argument '--allow-nothing'/,
  );
});

Deno.test("Closing the pool ends its processes, and no more are started", async () => {
  const processes = await withProcesses();
  const process = await processes.start();
  const { pid } = process;
  assert.ok(await runs(pid));

  await processes[Symbol.asyncDispose]();

  assert.equal(await process.ended, "was ended by SIGKILL");
  assert.ok(!await runs(pid));
  await assert.rejects(processes.start(), /^HostUnavailable: .*: the runtime stops$/);
  await assert.rejects(Deno.stat(processes.folder), Deno.errors.NotFound);
});
