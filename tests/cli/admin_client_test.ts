/** How commands find a running runtime, and what they say if it does not answer as it should. */
import assert from "node:assert/strict";
import { adminFile, findAdmin, writtenAdmin } from "../../runtime/cli/admin/address.ts";
import { AdminClient } from "../../runtime/cli/admin/client.ts";
import { eventsOf } from "../../runtime/cli/admin/server_events.ts";
import { UsageError } from "../../runtime/cli/exit.ts";
import { HopperError } from "../../runtime/core/api/errors.ts";
import { withFolder } from "../support/folder.ts";
import { freePort } from "../support/ports.ts";

const written = { origin: "http://127.0.0.1:9001", token: "written", source: adminFile };
const find = (
  flag?: string,
  env: Record<string, string> = {},
  file: typeof written | undefined = written,
) => {
  const { origin, token } = findAdmin(flag, (name) => env[name], file);
  return [origin, token];
};

Deno.test("The flag wins over the environment, that over the runtime of the folder, and that over the usual address", () => {
  const env = { HOPPER_ADMIN_URL: "http://10.0.0.1:80/", HOPPER_ADMIN_TOKEN: "env" };
  assert.deepEqual(find("localhost:9000", env), ["http://localhost:9000", "env"]);
  assert.deepEqual(find(undefined, env), ["http://10.0.0.1", "env"]);
  assert.deepEqual(find(undefined, { HOPPER_ADMIN_TOKEN: "env" }), ["http://127.0.0.1:9001", "env"]);
  assert.deepEqual(find(), ["http://127.0.0.1:9001", "written"]);
  const { origin, token } = findAdmin(undefined, () => undefined, undefined);
  assert.deepEqual([origin, token], ["http://127.0.0.1:8672", undefined]);
});

Deno.test("The page's address can be pasted, and its token wins", () => {
  const env = { HOPPER_ADMIN_TOKEN: "env" };
  assert.deepEqual(find("https://a.example:8672/?token=pasted#/runs", env), [
    "https://a.example:8672",
    "pasted",
  ]);
});

Deno.test("The token of the folder's runtime goes to that runtime only", () => {
  assert.deepEqual(find("http://127.0.0.1:9001"), ["http://127.0.0.1:9001", "written"]);
  assert.deepEqual(find("http://127.0.0.1:9002"), ["http://127.0.0.1:9002", undefined]);
  assert.deepEqual(find(undefined, { HOPPER_ADMIN_URL: "http://a.example" }), [
    "http://a.example",
    undefined,
  ]);
});

Deno.test("An address that is no URL is an error that shows one", () => {
  for (const wrong of ["ftp://a", "http://", "a b"]) {
    assert.throws(() => find(wrong), (error) => {
      assert.ok(error instanceof UsageError);
      return error.message.includes("--admin") && error.message.includes("http://127.0.0.1:8672");
    });
  }
});

Deno.test("What is not a runtime's address in the file is as if it were not there", async () => {
  for (const content of ["", "{", "[]", '{"url":5}', '{"url":"no"}']) {
    await using folder = await withFolder({ [adminFile]: content });
    assert.equal(await writtenAdmin(folder.path), undefined);
  }
  await using folder = await withFolder({ [adminFile]: '{"url":"http://127.0.0.1:1","token":"t"}' });
  assert.deepEqual(await writtenAdmin(folder.path), {
    origin: "http://127.0.0.1:1",
    token: "t",
    source: adminFile,
  });
});

/** Asks a server that answers each request like this. */
async function asks(answer: () => Response, token?: string): Promise<HopperError> {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, answer);
  using client = new AdminClient({
    origin: `http://127.0.0.1:${server.addr.port}`,
    token,
    source: "--admin",
  });
  try {
    await client.get("/api/functions");
  } catch (error) {
    assert.ok(error instanceof HopperError);
    return error;
  }
  return assert.fail("It was answered");
}

const problem = (status: number, detail: string) =>
  Response.json({ title: "No", status, detail }, {
    status,
    headers: { "content-type": "application/problem+json" },
  });

Deno.test("An error of the API is shown as it says, and a missing token with where to find it", async () => {
  const refused = await asks(() => problem(400, "'since' is a time"));
  assert.deepEqual([refused.code, refused.message], ["ADMIN", "'since' is a time"]);
  assert.equal((await asks(() => problem(404, "No run 'x'"))).code, "NOT_FOUND");

  const without = await asks(() => problem(401, "…"));
  assert.equal(without.code, "ADMIN_TOKEN");
  assert.match(without.message, /needs its token: .*\?token=.*HOPPER_ADMIN_TOKEN/);
  assert.match((await asks(() => problem(401, "…"), "old")).message, /does not know this token/);
});

Deno.test("What is no runtime is said to be none", async () => {
  const other = await asks(() => new Response("<html>", { status: 404, headers: { server: "nginx" } }));
  assert.deepEqual(other.code, "ADMIN");
  assert.match(other.message, /answered 404 \(nginx\), which is no answer of Hopper's admin API/);
  assert.equal((await asks(() => new Response("<html>"))).code, "ADMIN");
  const moved = await asks(() =>
    new Response(null, { status: 302, headers: { location: "http://a.example" } })
  );
  assert.match(moved.message, /answered 302/);

  using client = new AdminClient({
    origin: `http://127.0.0.1:${freePort()}`,
    token: undefined,
    source: "default",
  });
  await assert.rejects(client.get("/api/runs"), (error: HopperError) => {
    assert.equal(error.code, "NO_RUNTIME");
    assert.match(
      error.message,
      /^No runtime answers at http:\/\/127\.0\.0\.1:\d+: start one with '.* run', or/,
    );
    return true;
  });
});

async function eventsIn(...chunks: string[]): Promise<[string, string][]> {
  const events: [string, string][] = [];
  const stream = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
  for await (const { event, data } of eventsOf(stream)) events.push([event, data]);
  return events;
}

Deno.test("Server-sent events are read however they are cut, without comments", async () => {
  const text =
    `: hello\n\nevent: log\ndata: {"a":"ü: x"}\n\n: ping\n\ndata: one\ndata:two\r\n\r\nevent: x\n\nevent: cut\ndata: off`;
  const expected = [["log", '{"a":"ü: x"}'], ["message", "one\ntwo"]];
  assert.deepEqual(await eventsIn(text), expected);
  assert.deepEqual(await eventsIn(...text), expected);
});
