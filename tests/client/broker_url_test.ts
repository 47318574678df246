import assert from "node:assert/strict";
import { brokerUrl } from "../../runtime/client/broker_url.ts";
import { ArgumentError } from "../../runtime/core/api/errors.ts";
import { hopperCommand } from "../support/hopper.ts";
import { withFolder } from "../support/folder.ts";

const chosen = (env: Record<string, string>, said = {}) => brokerUrl((name) => env[name], said);

Deno.test("The broker's address comes from the flag, else the environment, else deploy.config.ts, else this machine", () => {
  const env = { RABBITMQ_URL: "amqp://r", CLOUDAMQP_URL: "amqp://c" };
  assert.deepEqual(chosen(env, { flag: "amqp://f", config: "amqp://d" }), {
    url: "amqp://f",
    source: "--broker",
  });
  assert.deepEqual(chosen(env, { config: "amqp://d" }), { url: "amqp://r", source: "RABBITMQ_URL" });
  assert.equal(chosen({}, { config: ["amqp://a", "amqp://b"] }).url, "amqp://a,amqp://b");
  assert.equal(chosen({}).source, "default");
});

Deno.test("An empty address of a broker is an error, and no other broker is used", async () => {
  for (
    const [env, said, told] of [
      [{ AMQP_URL: "" }, {}, /^AMQP_URL is empty; expected .*, or unset AMQP_URL$/],
      [{ RABBITMQ_URL: " " }, {}, /^RABBITMQ_URL is empty/],
      [{}, { flag: "" }, /^--broker is empty; expected a broker's URL such as amqp:/],
      [{}, { config: "" }, /^'broker' in deploy\.config\.ts is empty/],
    ] as const
  ) {
    assert.throws(
      () => chosen(env, said),
      (error) => error instanceof ArgumentError && told.test(error.message),
    );
  }
  assert.equal(chosen({ AMQP_URL: "amqp://a", RABBITMQ_URL: "" }).url, "amqp://a");

  await using folder = await withFolder({ "functions/_none.ts": "" });
  for (const args of [["run", "--no-admin"], ["send", "q", "x"], ["dead", "list", "q"]]) {
    const { code, stderr } = await hopperCommand(args, { cwd: folder.path, env: { AMQP_URL: "" } });
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /^hopper: AMQP_URL is empty/);
  }
});
