import assert from "node:assert/strict";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { startRabbitmq, withVhost } from "../support/rabbitmq.ts";
import { pikaReceiver, rabbitmqAndPika, runPika } from "./pika.ts";

const rabbitmq = await rabbitmqAndPika();

Deno.test(
  "Work queue: The task of a killed runtime is done by another one",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using first = await startHopper({ functions: "functions", broker: vhost.url });
    await runPika("new_task.py", ["resize.."], vhost.url);
    await first.said("work", "resize..");

    first.signal("SIGKILL");
    await first.exit();
    await using second = await startHopper({ functions: "functions", broker: vhost.url });

    await second.event("handled", { function: "work" });
    assert.equal(first.logged("handled").length, 0);
  },
);

Deno.test(
  "Work queue: The task of a killed pika worker is done by a function",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using worker = await pikaReceiver("worker.py", [], vhost.url);
    await runPika("new_task.py", ["resize.."], vhost.url);
    await worker.line("Received resize..");
    // A frozen worker cannot finish before the function is there.
    worker.signal("SIGSTOP");
    await using hopper = await startHopper({ functions: "functions", broker: vhost.url });

    worker.signal("SIGKILL");

    await hopper.said("work", "resize..");
    await hopper.event("handled", { function: "work" });
  },
);

Deno.test(
  "Work queue: The task of a killed runtime is done by a pika worker",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using hopper = await startHopper({ functions: "functions", broker: vhost.url });
    await runPika("new_task.py", ["resize.."], vhost.url);
    await hopper.said("work", "resize..");
    hopper.signal("SIGSTOP");
    await using worker = await pikaReceiver("worker.py", [], vhost.url);

    hopper.signal("SIGKILL");

    await worker.line("Done resize..");
  },
);

Deno.test("Work queue: A task survives a restart of the broker", { ignore: !rabbitmq }, async () => {
  await using node = await startRabbitmq();
  await runPika("new_task.py", ["resize."], node.url);

  await node.restart();

  await using hopper = await startHopper({ functions: "functions", broker: node.url });
  await hopper.said("work", "resize.");
  await hopper.event("handled", { function: "work" });
});

Deno.test(
  "Fair dispatch: A slow pika worker does not delay the other tasks",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using slow = await pikaReceiver("worker.py", [], vhost.url);
    await runPika("new_task.py", ["slow ...................."], vhost.url);
    await slow.line("Received slow");
    await using fast = await startHopper({ functions: "functions", broker: vhost.url });

    for (const task of ["a", "b", "c", "d"]) await runPika("new_task.py", [task], vhost.url);

    await fast.events("handled", 4, { function: "work" });
    assert.deepEqual(slow.output.filter((line) => /Received|Done/.test(line)), [
      "Received slow ....................",
    ]);
  },
);

Deno.test(
  "Fair dispatch: A slow function does not delay the other tasks",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using slow = await startHopper({ functions: "functions", broker: vhost.url });
    await runPika("new_task.py", ["slow ...................."], vhost.url);
    await slow.said("work", "slow");
    await using fast = await pikaReceiver("worker.py", [], vhost.url);

    for (const task of ["a", "b", "c", "d"]) await runPika("new_task.py", [task], vhost.url);

    for (const task of ["a", "b", "c", "d"]) await fast.line(`Done ${task}`);
    assert.equal(slow.logged("handled").length, 0);
    slow.signal("SIGKILL");
  },
);

Deno.test(
  "Work queue: Two runtimes share the tasks, and each task is done once",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using one = await startHopper({ functions: "functions", broker: vhost.url });
    await using two = await startHopper({ functions: "functions", broker: vhost.url });

    const tasks = ["a..", "b..", "c..", "d.."];
    await Promise.all(tasks.map((task) => runPika("new_task.py", [task], vhost.url)));

    // A task takes two seconds and a runtime does one at a time, so each runtime does half of them.
    await Promise.all([one, two].map((hopper) => hopper.events("handled", 2, { function: "work" })));
    const done = (task: string) => [one, two].filter((hopper) => hopper.hasSaid("work", task)).length;
    assert.deepEqual(tasks.map(done), [1, 1, 1, 1]);
  },
);

Deno.test("Work queue: A pika worker does the task that hopper sends", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using worker = await pikaReceiver("worker.py", [], vhost.url);

  const sent = await hopperCommand(["send", "task_queue", "resize."], { broker: vhost.url });

  assert.equal(sent.code, 0, sent.stderr);
  await worker.line("Done resize.");
});
