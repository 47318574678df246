import assert from "node:assert/strict";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { withVhost } from "../support/rabbitmq.ts";
import { pikaReceiver, rabbitmqAndPika, runPika } from "./pika.ts";

const rabbitmq = await rabbitmqAndPika();

const collector = (match: string) => `
  import { headers } from "hopper";
  export default headers("reports", ${match}, (text: string, { log }) => log.info(text));
`;

Deno.test("Headers: A function gets messages that have all of its headers, or any of them", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using hopper = await startHopper({
    functions: {
      strict: collector(`{ all: { format: "pdf", type: "report" } }`),
      lenient: collector(`{ any: { format: "pdf", type: "report" } }`),
    },
    broker: vhost.url,
  });
  const pair = ["format=pdf", "type=report"];
  await using strict = await pikaReceiver("receive_reports.py", ["all", ...pair], vhost.url);
  await using lenient = await pikaReceiver("receive_reports.py", ["any", ...pair], vhost.url);

  await runPika("emit_report.py", ["neither", "format=zip", "type=log"], vhost.url);
  await runPika("emit_report.py", ["one", "format=pdf", "type=log"], vhost.url);
  await runPika("emit_report.py", ["without"], vhost.url);
  await runPika("emit_report.py", ["both", ...pair, "page=1"], vhost.url);

  await hopper.said("strict", "both");
  await hopper.said("lenient", "both");
  // "both" was published last, so any other message has arrived by now.
  assert.deepEqual(hopper.logged("log", { function: "strict" }).map((line) => line.message), ["both"]);
  assert.deepEqual(hopper.logged("log", { function: "lenient" }).map((line) => line.message), [
    "one",
    "both",
  ]);
  await strict.line("Received both");
  await lenient.line("Received both");
});

Deno.test(
  "Headers: The example gets the reports that pika and hopper publish",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using hopper = await startHopper({ functions: "functions", broker: vhost.url });

    await runPika("emit_report.py", ["1", "format=pdf", "type=log"], vhost.url);
    await runPika("emit_report.py", ["22", "format=pdf", "type=report"], vhost.url);
    const published = await hopperCommand(
      ["publish", "reports", "", "333", "--header", "format=pdf", "--header", "type=report"],
      { broker: vhost.url },
    );

    assert.equal(published.code, 0, published.stderr);
    await hopper.said("reports", "A report of 3 bytes");
    assert.ok(hopper.hasSaid("reports", "A report of 2 bytes"));
    assert.ok(!hopper.hasSaid("reports", "A report of 1 bytes"));
  },
);
