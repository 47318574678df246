import assert from "node:assert/strict";
import { startTest } from "hopper/testing";

const functions = import.meta.dirname!;
Deno.env.set("WEBHOOK_SECRET", "a secret of the test");

/** A receiver that answers as it is told, and keeps what it gets. */
function receiver(answer: (times: number) => Response | Promise<Response>) {
  const got: { id: string | null; signature: string | null; body: unknown; at: number }[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { headers } = request;
    got.push({
      id: headers.get("webhook-id"),
      signature: headers.get("webhook-signature"),
      body: await request.json(),
      at: performance.now(),
    });
    return await answer(got.length);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/hook`,
    got,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("A webhook is delivered, signed and with its id", async () => {
  await using shop = receiver(() => new Response());
  await using hopper = await startTest({ functions });
  await hopper.send("webhooks", { url: shop.url, event: { paid: 7 } }, { messageId: "hook-7" });
  await hopper.handled("deliver");
  const [{ id, signature, body }] = shop.got as [typeof shop.got[number]];
  assert.deepEqual({ id, body }, { id: "hook-7", body: { paid: 7 } });
  assert.match(signature ?? "", /^[0-9a-f]{64}$/);
});

Deno.test("A receiver that is busy is asked again when it says", async () => {
  await using shop = receiver((times) =>
    times === 1 ? new Response(null, { status: 503, headers: { "retry-after": "1" } }) : new Response()
  );
  await using hopper = await startTest({ functions, patience: 20_000 });
  await hopper.send("webhooks", { url: shop.url, event: {} });
  await hopper.handled("deliver");
  assert.ok(shop.got[1]!.at - shop.got[0]!.at >= 900);
});

Deno.test("A receiver that wants no more is left alone", async () => {
  await using shop = receiver(() => new Response(null, { status: 410 }));
  await using hopper = await startTest({ functions });
  await hopper.send("webhooks", { url: shop.url, event: {} });
  assert.match(await hopper.failed("deliver"), /wants no more/);
});

Deno.test("A host gets two webhooks at a time", async () => {
  let under = 0;
  let most = 0;
  await using shop = receiver(async () => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setTimeout(resolve, 100));
    under--;
    return new Response();
  });
  await using hopper = await startTest({ functions, patience: 20_000 });
  await Promise.all(Array.from({ length: 8 }, () => hopper.send("webhooks", { url: shop.url, event: {} })));
  await hopper.handled("deliver", 8);
  assert.equal(most, 2);
});
