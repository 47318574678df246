/** What `--inspect` and `--inspect-wait` mean, and what a wrong one is answered. */

import assert from "node:assert/strict";
import { exposedInspector, inspectionOf } from "../../runtime/cli/inspect.ts";

Deno.test("The flag --inspect takes an address, a name, or both, in its different forms", () => {
  const at = { hostname: "127.0.0.1", port: 9229, waits: false, function: "orders" };
  const cases = [
    [{ inspect: "orders" }, undefined, at],
    [{ inspect: true }, "orders", at],
    [{ inspect: "127.0.0.1:9229" }, "orders", at],
    [{ inspect: "9230" }, "orders", { ...at, port: 9230 }],
    [{ inspect: "[::1]:1" }, "orders", { ...at, hostname: "::1", port: 1 }],
    [{ inspect: "localhost:9229" }, "9229", { ...at, hostname: "localhost", function: "9229" }],
    [{ inspectWait: "billing.charge" }, undefined, { ...at, function: "billing.charge", waits: true }],
    [{}, undefined, undefined],
  ] as const;
  for (const [flags, name, expected] of cases) assert.deepEqual(inspectionOf(flags, name), expected);
});

Deno.test("The flag --inspect with any other text is an error that shows the correct form", () => {
  const cases = [
    [{ inspect: true }, undefined, "--inspect needs the name of a function; write: --inspect orders"],
    [
      { inspectWait: "9229" },
      undefined,
      "--inspect-wait needs the name of a function; write: --inspect-wait orders",
    ],
    [
      { inspect: "orders" },
      "mails",
      "'orders' is not HOST:PORT, and only one function can be inspected; write: --inspect mails, or --inspect=127.0.0.1:9229 mails",
    ],
    [
      { inspect: "127.0.0.1:99999" },
      "orders",
      "'127.0.0.1:99999' is not an address for an inspector; expected HOST:PORT, such as --inspect=127.0.0.1:9229 orders",
    ],
    [
      { inspect: true, inspectWait: true },
      "orders",
      "Either --inspect or --inspect-wait, not both: --inspect-wait also inspects",
    ],
    [
      {},
      "orders",
      "'run' takes no name without a flag: '--only orders' serves a part of the folder, '--inspect orders' is for a debugger",
    ],
  ] as const;
  for (const [flags, name, message] of cases) {
    assert.throws(() => inspectionOf(flags, name), { message });
  }
});

Deno.test("An inspector that other machines can reach causes a warning", () => {
  const at = (hostname: string) =>
    exposedInspector({ function: "orders", hostname, port: 9229, waits: false });
  for (const hostname of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) {
    assert.equal(at(hostname), undefined);
  }
  for (const hostname of ["0.0.0.0", "::", "192.0.2.1", "127.example"]) {
    assert.match(at(hostname)!, /^Whoever reaches .*:9229 can run any code as orders/);
  }
});
