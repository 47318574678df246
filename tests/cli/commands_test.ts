import assert from "node:assert/strict";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

Deno.test("Every command has --help, with its flags and an example", async () => {
  const help = async (...command: string[]) => {
    const { code, stdout } = await hopperCommand([...command, "--help"], {});
    assert.equal(code, 0);
    return stdout;
  };
  const [all, ...each] = await Promise.all([
    help(),
    ...["run", "call", "send", "publish", "list", "new", "deploy"].map((command) => help(command)),
  ]);

  for (const command of ["run", "call", "send", "publish", "list", "new", "deploy"]) {
    assert.match(all!, new RegExp(`^  ${command} `, "m"));
  }
  const flags = ["--no-watch", "--timeout", "--header", "--header", "--json", "--trigger", "--dry-run"];
  each.forEach((text, i) => assert.match(text, new RegExp(flags[i]!)));
  for (const text of each) assert.match(text, /Example:|--trigger/);
});

Deno.test("A wrong command line exits with 2 and a suggestion", async () => {
  const wrong = async (...args: string[]) => {
    const { code, stdout, stderr } = await hopperCommand(args, { broker: "amqp://127.0.0.1:1" });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    return stderr;
  };
  const [command, option, missing, timeout, header, kind, name, format, admin, folder, config, broker] =
    await Promise.all([
      wrong("cal", "fib"),
      wrong("call", "fib", "--timout", "5s"),
      wrong("send", "tasks"),
      wrong("call", "fib", "--timeout", "soon"),
      wrong("publish", "logs", "", "x", "--header", "format"),
      wrong("new", "hello", "--trigger", "fanuot"),
      wrong("new", "../hello", "--trigger", "queue"),
      wrong("run", "--log", "xml"),
      wrong("run", "--functions", "functions", "--admin", "nowhere:x"),
      wrong("run", "--functions", "no/such/folder"),
      wrong("run", "--functions", "functions", "--config", "no.config.ts"),
      wrong("call", "fib", "--broker", "http://127.0.0.1"),
    ]);

  assert.match(command, /unknown command 'cal'[\s\S]*Did you mean call\?/);
  assert.match(option, /unknown option '--timout'[\s\S]*Did you mean --timeout\?/);
  assert.match(missing, /missing required argument 'input'/);
  assert.match(timeout, /'soon' is not a duration; expected milliseconds/);
  assert.match(header, /'format' is not a header; expected name=value, such as --header format=pdf/);
  assert.match(kind, /'fanuot' is invalid[\s\S]*queue, fanout, direct, topic, headers, rpc, schedule/);
  assert.match(name, /'\.\.\/hello' is not a function name/);
  assert.match(format, /'xml' is invalid[\s\S]*text, json/);
  assert.match(admin, /'nowhere:x' is not an address for the admin API; expected HOST:PORT/);
  assert.match(folder, /No functions folder at 'no\/such\/folder'; make one with: deno task hopper new/);
  assert.match(config, /No config file at 'no\.config\.ts'/);
  assert.match(broker, /begins with 'http:\/\/'; expected amqp:\/\/user/);
});

Deno.test("A wrong deploy.config.ts exits with 2, the key, its place and what is allowed", async () => {
  const dir = await Deno.makeTempDir({ prefix: "hopper-config-" });
  await Deno.mkdir(`${dir}/functions`);
  await Deno.writeTextFile(
    `${dir}/deploy.config.ts`,
    `import { defineConfig } from "hopper";
     export default { defaults: { prefech: 1, ack: "later" }, functions: { "a.*": { queue: "x" } }, brokr: "amqp://x" };`,
  );
  const { code, stderr } = await hopperCommand(["run", "--no-admin"], { cwd: dir });
  await Deno.remove(dir, { recursive: true });

  assert.equal(code, 2);
  assert.match(
    stderr,
    /deploy\.config\.ts: Unknown option 'defaults\.prefech'; did you mean 'prefetch'\?; allowed: ack, prefetch, /,
  );
  assert.match(stderr, /Option 'defaults\.ack': expected one of "auto"\|"manual"\|"none", got "later"/);
  assert.match(stderr, /Unknown option 'functions\["a\.\*"\]\.queue'; allowed: /);
  assert.match(stderr, /Unknown option 'brokr'; did you mean 'broker'\?/);
});

testOnBroker(
  "The call command takes JSON, text or stdin, prints the reply, and exits with 1 and an error on stderr",
  async ({ vhost }) => {
    await using _hopper = await startHopper({
      functions: {
        echo: `import { rpc } from "hopper"; export default rpc("echo", (input) => input);`,
        fail: `import { rpc, RpcError } from "hopper";
        export default rpc("fail", () => { throw new RpcError("NO_ORDER", { detail: "No order 7" }); });`,
        hang:
          `import { rpc } from "hopper"; export default rpc("hang", () => new Promise((done) => setTimeout(done, 3000)));`,
      },
      broker: vhost.url,
    });
    const call = (args: string[], input?: string) =>
      hopperCommand(["call", ...args], { broker: vhost.url, input });
    const out = async (args: string[], input?: string) => {
      const { code, stdout, stderr } = await call(args, input);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      return stdout;
    };
    const err = async (args: string[]) => {
      const { code, stdout, stderr } = await call(args);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      return stderr;
    };

    assert.deepEqual(
      await Promise.all([
        out(["echo", '{ "a": [1, "ä"] }']),
        out(["echo", "plain text"]),
        out(["echo", "-5"]),
        out(["echo", "-"], '{"from": "stdin"}\n'),
        out(["echo", "-"], "text from stdin\n"),
        out(["echo"]),
      ]),
      ['{"a":[1,"ä"]}\n', "plain text\n", "-5\n", '{"from":"stdin"}\n', "text from stdin\n\n", "null\n"],
    );
    const [failed, nobody, late] = await Promise.all([
      err(["fail"]),
      err(["nobody"]),
      err(["hang", "--timeout", "100ms"]),
    ]);
    assert.match(failed, /^hopper: No order 7/);
    assert.match(nobody, /^hopper: No one serves rpc 'nobody': start the function/);
    assert.match(late, /^hopper: rpc 'hang' sent no reply within 100 ms/);
  },
);

testOnBroker(
  "The send and publish commands confirm a message, and fail if it reaches no queue",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await broker.channel.assertExchange("logs", "headers");
    await broker.channel.bindQueue("tasks", "logs", "", {
      format: "pdf",
      pages: 2,
      n: { "!": "long", value: 2n ** 53n + 1n },
      "x-match": "all",
    });
    const hopper = async (args: string[], input?: string) => {
      const { code, stdout, stderr } = await hopperCommand(args, { broker: vhost.url, input });
      return [code, stdout + stderr] as const;
    };

    const results = await Promise.all([
      hopper(["send", "tasks", "plain ..."]),
      hopper(["send", "tasks", "-"], '{"a":1}'),
      hopper([
        ...["publish", "logs", "", "x", "--header", "format=pdf", "--header", "pages=2"],
        ...["--header", "n=9007199254740993"],
      ]),
      hopper(["send", "nowhere", "x"]),
      hopper(["publish", "logs", "", "x"]),
      hopper(["publish", "no.such", "key", "x"]),
    ]);

    assert.deepEqual(results.slice(0, 3), [
      [0, "Sent to queue 'tasks'\n"],
      [0, "Sent to queue 'tasks'\n"],
      [0, "Published to exchange 'logs' with key ''\n"],
    ]);
    const [queue, unrouted, exchange] = results.slice(3);
    assert.equal(queue![0], 1);
    assert.match(queue![1], /^hopper: No queue 'nowhere': nothing was sent/);
    assert.equal(unrouted![0], 1);
    assert.match(unrouted![1], /^hopper: No queue is bound to exchange 'logs' for key ''/);
    assert.equal(exchange![0], 1);
    assert.match(exchange![1], /^hopper: No exchange 'no\.such'/);
    const sent = (await broker.take("tasks", 3)).map(({ content }) => `${content}`);
    assert.deepEqual(sent.toSorted(), ["plain ...", "x", '{"a":1}']);
  },
);

Deno.test("A broker that cannot be reached is an error with its address and without its password", async () => {
  const port = freePort();

  const { code, stderr } = await hopperCommand(["send", "tasks", "x"], {
    broker: `amqp://u:secret@127.0.0.1:${port}`,
  });

  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`amqp://u@127\\.0\\.0\\.1:${port} .*ECONNREFUSED`));
  assert.doesNotMatch(stderr, /secret/);
});

Deno.test("The new command writes a function of each kind, and the list command shows them and problems of files", async () => {
  const dir = await Deno.makeTempDir({ prefix: "hopper-new-" });
  const hopper = (...args: string[]) => hopperCommand(args, { cwd: dir });
  const kinds = ["queue", "fanout", "direct", "topic", "headers", "rpc", "schedule"];

  const written = await Promise.all(kinds.map((kind) => hopper("new", `a.${kind}`, "--trigger", kind)));
  const again = await hopper("new", "a.rpc", "--trigger", "rpc");
  const listed = await hopper("list");
  const json = JSON.parse((await hopper("list", "--json")).stdout);
  const reached = await hopper("list", "--to", "a.topic", "--key", "kern.critical");
  await Deno.writeTextFile(
    `${dir}/functions/bad.ts`,
    `import { queue } from "hopper";\nexport default queue("q", {\n  prefech: 1 } as never, () => {});\n`,
  );
  const bad = await hopper("list");
  await Deno.remove(dir, { recursive: true });

  assert.deepEqual(written.map(({ code }) => code), kinds.map(() => 0));
  assert.match(
    written[5]!.stdout,
    /^functions\/a\/rpc\.ts\n\nStart: {2}deno run -A \S+main\.ts run\nTry: {4}deno run -A \S+main\.ts call a\.rpc/,
  );
  assert.deepEqual([again.code, again.stderr], [1, "hopper: functions/a/rpc.ts exists already\n"]);
  assert.equal(listed.code, 0, listed.stderr);
  for (const kind of kinds) assert.match(listed.stdout, new RegExp(`^a\\.${kind} +${kind} `, "m"));
  assert.deepEqual(
    json.functions.map(({ name }: { name: string }) => name),
    kinds.map((kind) => `a.${kind}`).toSorted(),
  );
  assert.deepEqual(json.problems, []);
  assert.deepEqual(reached.stdout.trim().split("\n").map((line) => line.split(" ")[0]), [
    "FUNCTION",
    "a.topic",
  ]);
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /functions\/bad\.ts:3:3 {2}Unknown option 'prefech'; did you mean 'prefetch'\?/);
});
