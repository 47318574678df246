import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { contract } from "../../support/contract.ts";
import { run } from "../../support/process.ts";
import { leaveOut } from "../../support/rabbitmq.ts";

// Debian's own python3, because another one earlier on the path does not have Debian's packages.
const PYTHON = "/usr/bin/python3";
const PROGRAM = fileURLToPath(new URL("./pika_client.py", import.meta.url));

const installed = await run(PYTHON, ["-c", "import pika"]).then(({ code }) => code === 0, () => false);
if (!installed) leaveOut("pika", "python3-pika");

contract(
  "The client pika declares, publishes, gets, consumes, closes, and gets confirms and returns",
  async (broker) => {
    const queue = broker.unique("pika");
    const { code, stdout, stderr } = await run(PYTHON, [PROGRAM, queue], {
      env: { AMQP_URL: broker.address.url },
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "declared 0 0",
      "got hello {'count': 1, 'list': ['a', None, True]} 2 3 False",
      "redelivered True",
      "empty (None, None, None)",
      "confirmed",
      "returned 312 NO_ROUTE lost",
      "consumed ['0', '1', '2'] 0",
      "large 1000000",
      `refused 406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue '${queue}' in vhost '/': received 'false' but current is 'true'`,
      "purged 0",
      "closed True",
    ]);
  },
  { ignore: !installed },
);
