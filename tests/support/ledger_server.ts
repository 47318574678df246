/**
 * The ledger of a fault test, a process of its own: notes who said what about which message, in the order it heard
 * it, so that neither the runtime nor a program that is killed vouches for itself.
 *
 * `POST /WHAT` with one id a line notes; `GET /` gives the entries as JSON, or those after `?from=N`.
 */

const mostEntries = 3_000_000;
const entries: { what: string; id: string; at: number }[] = [];

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`ledger on ${port}`),
}, async (request) => {
  const { pathname, searchParams } = new URL(request.url);
  if (request.method === "GET") return Response.json(entries.slice(Number(searchParams.get("from") ?? 0)));
  const ids = (await request.text()).split("\n");
  if (entries.length + ids.length > mostEntries) return new Response("The ledger is full", { status: 507 });
  for (const id of ids) entries.push({ what: pathname.slice(1), id, at: Date.now() });
  return new Response(null, { status: 204 });
});
