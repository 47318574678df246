import assert from "node:assert/strict";
import { type Options, queue, rpc, schedule } from "../../../runtime/mod.ts";
import { declared, problems } from "../../support/declared.ts";

const handler = () => {};
const told = (options: unknown, trigger: typeof queue = queue) =>
  problems(trigger("orders", options as Options, handler)).map(({ message, fix }) => `${message}; ${fix}`);
const sharding = (options: unknown) =>
  declared(queue("orders", options as Options, handler)).settings.sharding;

Deno.test("A key may be a field, a header or a function", () => {
  const rest = { limit: 1, shards: 8, inOrder: true, alone: true };
  assert.deepEqual(sharding({ order: { by: "customer.id" } }), {
    by: { kind: "body", path: ["customer", "id"] },
    ...rest,
  });
  assert.deepEqual(sharding({ order: { by: { header: "x" }, shards: 3 } }), {
    ...rest,
    by: { kind: "header", name: "x" },
    shards: 3,
  });
  assert.deepEqual(sharding({ order: { by: () => "a" } }), { by: { kind: "function" }, ...rest });
  assert.equal(sharding({}), undefined);
  assert.equal(sharding({ concurrency: 3 }), undefined);
});

Deno.test("A wrong order is refused with what it may be", () => {
  const key = /[Ee]xpected a field such as "customerId", \{ header: "x-tenant" \}, or a function/;
  assert.match(told({ order: { by: 5 } })[0]!, key);
  assert.match(told({ order: {} })[0]!, key);
  assert.match(told({ order: { by: "a b" } })[0]!, /Expected|expected/);
  for (const shards of [0, 1000]) {
    assert.match(
      told({ order: { by: "id", shards } })[0]!,
      /'order\.shards': expected a whole number from 1 to 64/,
    );
  }
  assert.match(told({ order: { key: "id", by: "id" } })[0]!, /Unknown option 'order\.key'/);
  assert.match(told({ order: "id" })[0]!, /'order'/);
});

Deno.test("A wrong concurrency by key is refused with what it may be", () => {
  const concurrency = (value: unknown) => told({ concurrency: value })[0]!;
  assert.match(
    concurrency({ limit: 0, key: "id" }),
    /'concurrency\.limit': expected a whole number from 1 to 1000/,
  );
  assert.match(concurrency({ limit: 2 }), /expected a field/i);
  assert.match(concurrency({ limit: 2, key: "id", shards: 65 }), /from 1 to 64/);
  assert.match(concurrency({ limit: 2, key: "id", scope: "all" }), /"process" or "cluster"/);
  assert.match(concurrency("two"), /[Ee]xpected a whole number from 1 to 65535, or an object/);
  assert.match(concurrency(0), /from 1 to 65535/);
});

Deno.test("Order and limits by key do not go with what would break them", () => {
  const order = { by: "id" };
  const keyed = { limit: 2, key: "id" };
  const debounce = { key: "id", wait: "1s" };
  const options = [
    [{ order }, "order"],
    [{ concurrency: keyed }, "concurrency.key"],
    [{ debounce }, "debounce"],
    [{ throttle: { key: "id", per: "1s" } }, "throttle"],
  ] as const;
  for (const [option, name] of options) {
    assert.match(told({ ...option, ack: "none" })[0]!, new RegExp(`^Option '${name}' needs ack: "auto"`));
    assert.match(told({ ...option, ack: "manual" })[0]!, new RegExp(`^Option '${name}' needs ack: "auto"`));
    assert.match(told({ ...option, batch: { size: 2 } })[0]!, /and 'batch' cannot be combined/);
    assert.match(told({ ...option, maxPriority: 5 })[0]!, /which 'maxPriority' would change; remove one/);
    assert.match(
      told({ ...option, exclusive: true })[0]!,
      /'exclusive' asks for a queue for each; remove one/,
    );
    assert.match(told({ ...option, declare: "passive" })[0]!, /needs queues of its own/);
    assert.match(told(option, rpc as never)[0]!, /does not go with an rpc/);
    const nightly = problems(schedule("0 3 * * *", option as never, handler));
    assert.match(nightly[0]!.message, /does not go with a schedule: its ticks have no key/);
    assert.deepEqual(told(option), []);
  }
  assert.match(
    told({ order, concurrency: keyed })[0]!,
    /'order' and 'concurrency.key' cannot be combined.*; remove one of the two, or write 'concurrency' as a number/,
  );
  assert.match(
    told({ debounce, throttle: { key: "id", per: 5 } })[0]!,
    /'debounce' and 'throttle' cannot be/,
  );
  assert.match(
    told({ order, debounce })[0]!,
    /'order' and 'debounce' cannot be combined.*; remove one of the two$/,
  );
  assert.deepEqual(told({ order, concurrency: 3 }), []);
});

Deno.test("With order, all runs of a message and the waits between them fit into the broker's time", () => {
  const order = { by: "id" };
  assert.match(
    told({ order, retry: { attempts: 20 } })[0]!,
    /^Option 'order' keeps a failed message in its place.* 20 runs/,
  );
  assert.deepEqual(told({ order, retry: { attempts: 20, delay: "1s", factor: 1 } }), []);
  assert.deepEqual(told({ order, retry: false }), []);
});

Deno.test("A file says which messages of a key are run", () => {
  const rest = { limit: 1, shards: 8, inOrder: true, alone: true };
  assert.deepEqual(sharding({ debounce: { key: "id", wait: "2s" } }), {
    ...rest,
    by: { kind: "body", path: ["id"] },
    latest: { kind: "debounce", ms: 2000, most: Infinity },
  });
  assert.deepEqual(sharding({ throttle: { key: { header: "x" }, per: 5, shards: 2 } }), {
    ...rest,
    by: { kind: "header", name: "x" },
    shards: 2,
    latest: { kind: "throttle", ms: 5 },
  });
});

Deno.test("A wrong debounce or throttle is refused with what it may be", () => {
  assert.match(told({ debounce: { key: "id" } })[0]!, /'debounce\.wait'/);
  assert.match(told({ debounce: { key: "id", wait: 0 } })[0]!, /'debounce\.wait'.*more than 0/);
  assert.match(told({ debounce: { key: "id", wait: "1s", most: "-1s" } })[0]!, /'debounce\.most'/);
  assert.match(told({ debounce: { key: 5, wait: 1 } })[0]!, /'debounce\.key'.*a field such as/);
  assert.match(told({ throttle: { key: "id", per: 1, wait: 1 } })[0]!, /Unknown option 'throttle\.wait'/);
  assert.match(told({ throttle: { key: "id" } })[0]!, /'throttle\.per'/);
  assert.match(told({ debounce: "id" })[0]!, /'debounce'/);
});

Deno.test("With debounce and throttle, the wait too fits into the broker's time", () => {
  assert.deepEqual(told({ debounce: { key: "id", wait: "10m" } }), []);
  assert.match(
    told({ debounce: { key: "id", wait: "29m" } })[0]!,
    /^Option 'debounce' holds a message until it is the latest.*; write a shorter 'debounce'/,
  );
  assert.match(told({ throttle: { key: "id", per: "1h" } })[0]!, /^Option 'throttle' holds a message/);
});
