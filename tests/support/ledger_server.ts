/**
 * The ledger of a fault test, in its own process. It notes what is reported about which message, in the order of
 * arrival, so that the test does not have to trust a runtime or program that is killed.
 *
 * `POST /WHAT` with one id a line notes, as of now unless a tab and the time (ms since the epoch) follow the id;
 * `GET /` gives the entries as JSON, or those after `?from=N`.
 */

const maxEntries = 3_000_000;
const entries: { what: string; id: string; at: number }[] = [];

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`ledger on ${port}`),
}, async (request) => {
  const { pathname, searchParams } = new URL(request.url);
  if (request.method === "GET") return Response.json(entries.slice(Number(searchParams.get("from") ?? 0)));
  const lines = (await request.text()).split("\n");
  if (entries.length + lines.length > maxEntries) {
    return new Response("The ledger is full", { status: 507 });
  }
  for (const line of lines) {
    const [id, at] = line.split("\t") as [string, string?];
    entries.push({ what: pathname.slice(1), id, at: at === undefined ? Date.now() : Number(at) });
  }
  return new Response(null, { status: 204 });
});
