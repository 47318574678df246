import assert from "node:assert/strict";
import {
  commandOf,
  curlOf,
  firstCommand,
  keyFor,
  quoted,
  readBinding,
} from "../../../runtime/observe/page/parts/commands.js";
import { fakeFunction } from "../../support/fake_admin.ts";

const sent = {
  start: "deno task hopper",
  name: "f",
  trigger: "queue",
  binding: "",
  queue: "orders",
  body: `{"input":1}`,
  input: "1",
};

Deno.test("The command for a function depends on its trigger", () => {
  assert.equal(commandOf(sent), "deno task hopper send orders 1");
  assert.equal(commandOf({ ...sent, trigger: "rpc", queue: "fib" }), "deno task hopper call fib 1");
  assert.equal(
    commandOf({ ...sent, trigger: "schedule", binding: "0 3 * * *" }),
    `deno task hopper fire ${sent.name}`,
  );
  assert.equal(
    commandOf({
      ...sent,
      trigger: "topic",
      binding: "logs  kern.* #",
      routingKey: "kern.any",
      input: `{ "a": 1 }`,
    }),
    `deno task hopper publish logs kern.any '{ "a": 1 }'`,
  );
  assert.equal(
    commandOf({
      ...sent,
      trigger: "headers",
      binding: "reports  all: format=pdf",
      headers: `{"format":"pdf"}`,
    }),
    "deno task hopper publish reports '' 1 --header format=pdf",
  );
});

Deno.test("Words are quoted so that a shell takes them as they are", async () => {
  const hostile = [`it's`, "$(touch /tmp/x)", "`id`", "a\nb", "", "\\", '"', "!", "ü x"];
  for (const word of hostile) {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `printf %s ${quoted(word)}`] }).output();
    assert.equal(new TextDecoder().decode(stdout), word);
  }
});

Deno.test("The curl command names the function in the address and keeps the token out of itself", () => {
  const line = curlOf({ ...sent, name: "a/b" }, "http://127.0.0.1:8672");
  assert.match(line, /api\/functions\/a%2Fb\/invoke/);
  assert.match(line, /Bearer \$TOKEN/);
});

Deno.test("A binding is read into its exchange and keys, and a key is found that it takes", () => {
  assert.deepEqual(readBinding("logs  kern.* *.critical"), {
    exchange: "logs",
    keys: ["kern.*", "*.critical"],
  });
  assert.deepEqual(readBinding("logs, audit"), { exchange: "logs", keys: [] });
  assert.equal(keyFor("logs  kern.*.# x"), "kern.any.any");
  assert.equal(keyFor(""), "");
});

Deno.test("The first command for a function is one that it takes", () => {
  const first = (trigger: string, binding = "") =>
    firstCommand("npx hopper", fakeFunction("f", { trigger, binding, queue: "it's" }));
  assert.equal(first("rpc"), `npx hopper call 'it'\\''s' 30`);
  assert.equal(first("queue"), `npx hopper send 'it'\\''s' 'a first message'`);
  assert.equal(first("topic", "logs  kern.*"), "npx hopper publish logs kern.any 'a first message'");
  assert.equal(first("fanout", "users"), "npx hopper publish users '' 'a first message'");
});
