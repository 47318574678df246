import assert from "node:assert/strict";
import { startTest } from "hopper/testing";

const functions = import.meta.dirname!;

/** An API that notes when it was asked. */
function serveApi(answer: (path: string, times: number) => Response) {
  const asked: number[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    asked.push(performance.now());
    return answer(new URL(request.url).pathname, asked.length);
  });
  Deno.env.set("API_URL", `http://127.0.0.1:${server.addr.port}/`);
  return { asked, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("A crowd of messages asks five times a second, and no more", async () => {
  await using api = serveApi(() => Response.json({ name: "Ada" }));
  await using hopper = await startTest({ functions, patience: 20_000 });
  await Promise.all(Array.from({ length: 12 }, (_, id) => hopper.send("lookups", { id: `${id}` })));
  await hopper.handled("done", 12);
  // Five at once, and then one each 200 ms.
  assert.ok(api.asked[11]! - api.asked[0]! >= 1_200);
});

Deno.test("An API that says when to come back is asked again then", async () => {
  await using api = serveApi((_, times) =>
    times === 1
      ? new Response("Slow down", { status: 429, headers: { "retry-after": "1" } })
      : Response.json({})
  );
  await using hopper = await startTest({ functions, patience: 20_000 });
  await hopper.send("lookups", { id: "7" });
  await hopper.handled("done");
  assert.ok(api.asked[1]! - api.asked[0]! >= 900);
});

Deno.test("A customer who does not exist is no reason to ask again", async () => {
  await using _api = serveApi(() => new Response("No such customer", { status: 404 }));
  await using hopper = await startTest({ functions, patience: 20_000 });
  await hopper.send("lookups", { id: "0" });
  assert.match(await hopper.failed("lookup"), /404 No such customer/);
});
