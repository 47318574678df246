import assert from "node:assert/strict";
import { direct, type FunctionDeclaration, topic } from "../../runtime/mod.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { wildcardRefusal } from "../../runtime/topology/wildcards.ts";
import { runApp } from "../support/app.ts";
import { declared } from "../support/declared.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const handler = () => {};

const refusal = (declaration: FunctionDeclaration, version = "4.3.6") =>
  wildcardRefusal({ product: "RabbitMQ", version }, planFunction(declared(declaration)))?.message;

Deno.test("A pattern with more '#' than RabbitMQ 4.3 accepts is refused with what to write", () => {
  assert.equal(
    refusal(topic("logs", ["a.#", "#.a.#.b.#"], handler)),
    "Pattern '#.a.#.b.#' has 3 '#', and RabbitMQ 4.3.6 takes at most 2 in one pattern: " +
      "write '*' where one word is meant, or several patterns with fewer '#'",
  );
});

Deno.test("A '#' that is not a wildcard is not counted", () => {
  assert.equal(refusal(topic("logs", "#.a.#", handler)), undefined);
  assert.equal(refusal(direct("levels", "#.#.#", handler)), undefined, "no pattern at all");
});

Deno.test("RabbitMQ before 4.3 accepts any number of '#' in a pattern", () => {
  for (const version of ["3.10.8", "4.0.5", "4.2.1"]) {
    assert.equal(refusal(topic("logs", "#.a.#.b.#", handler), version), undefined);
  }
});

testOnBroker(
  "A function whose pattern the broker refuses is reported, declares nothing, and stops no other",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        many: `export default topic("logs", ["x", "#.a.#.b.#"], (text, { log }) => log(text));`,
        few: `export default topic("logs", "#.a.#", (text, { log }) => log(text));`,
      },
      broker,
    });
    await app.event("attached", { function: "few" });
    const { maxWildcards } = broker.expected;
    if (maxWildcards < 3) {
      assert.match(
        (await app.event("detached", { function: "many" })).error,
        /^Pattern '#\.a\.#\.b\.#' has 3/,
      );
      assert.equal(await vhost.inspect("queues", "many"), undefined);
    } else {
      await app.event("attached", { function: "many" });
    }

    await broker.publish("logs", "1.a.2.b.3", "text");

    await app.event("handled", { function: "few" });
    if (maxWildcards >= 3) await app.event("handled", { function: "many" });
  },
);
