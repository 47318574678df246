/**
 * Asks the admin API what its page asks while it is open: the functions and the latest runs, each second. The page's
 * address with its token is the argument. It runs until it is killed.
 */

import { setTimeout as wait } from "node:timers/promises";

const page = new URL(Deno.args[0]!);
const headers = { authorization: `Bearer ${page.searchParams.get("token")}` };

while (true) {
  const paths = ["/api/functions", "/api/runs?limit=100"];
  const answers = await Promise.all(paths.map((path) => fetch(new URL(path, page), { headers })));
  for (const answer of answers) {
    if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}`);
    await answer.body?.pipeTo(new WritableStream());
  }
  await wait(1000);
}
