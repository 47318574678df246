import assert from "node:assert/strict";
import { compared, others, parseArguments } from "./args.ts";

/** What is printed, and the exit code, when the arguments are not taken. */
function refused(...args: string[]): { printed: string; code: number } {
  let printed = "";
  try {
    parseArguments(args, (text) => printed += text);
  } catch (error) {
    return { printed, code: (error as { exitCode: number }).exitCode };
  }
  throw new Error(`${args} were taken`);
}

Deno.test("Benches are named one by one, and all of them by 'all'", () => {
  assert.deepEqual(parseArguments(["rpc", "consume", "rpc"]).benches, ["rpc", "consume"]);
  const all: readonly string[] = [...compared, ...others];
  assert.deepEqual(parseArguments(["all"]).benches, all.filter((name) => name !== "steady"));
});

Deno.test("Options say how often, with whom, where, and what is written", () => {
  const args =
    "consume --rounds 3 --only hopper,nestjs --case consume-100 --broker rabbitmq --json a.json --svg out";
  assert.deepEqual(parseArguments(args.split(" ")), {
    benches: ["consume"],
    rounds: 3,
    only: ["hopper", "nestjs"],
    cases: ["consume-100"],
    broker: "RabbitMQ",
    json: "a.json",
    svg: "out",
    quick: false,
    record: false,
  });
});

Deno.test("The guard needs no bench, and recording is a run of the guard", () => {
  assert.equal(parseArguments(["--quick"]).quick, true);
  assert.deepEqual(parseArguments(["--record"]).benches, []);
  assert.equal(parseArguments(["--record"]).quick, true);
});

Deno.test("A wrong argument is refused with what there is", () => {
  assert.match(refused("consum").printed, /No bench 'consum'; there are consume, rpc, publish, broker/);
  assert.match(refused("rpc", "--only", "nest").printed, /No contender 'nest'; there are amqplib, hopper/);
  assert.match(refused("rpc", "--rounds", "0").printed, /Write a number from 1, such as 5/);
  assert.match(refused("rpc", "--broker", "kafka").printed, /Write rabbitmq or embedded/);
  assert.notEqual(refused("consum").code, 0);
});

Deno.test("Help, and a call without arguments, tell the benches, contenders and examples", () => {
  const { printed, code } = refused("--help");
  assert.equal(code, 0);
  for (const text of ["consume, rpc, publish", "hopper-inline", "deno task bench --quick"]) {
    assert.ok(printed.includes(text), text);
  }
  const bare = refused();
  assert.notEqual(bare.code, 0);
  assert.match(bare.printed, /Usage: deno task bench/);
});
