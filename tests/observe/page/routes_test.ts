import assert from "node:assert/strict";
import { ownLibraries, ownPage } from "../../../runtime/core/own_files.ts";
import { ownPageFiles } from "../../../runtime/observe/page/files.ts";
import { pageRoutes } from "../../../runtime/observe/page/routes.ts";

const routes = pageRoutes();

/** The files in the page's folder that a browser loads, by their paths in it. */
async function filesBelow(folder: URL, path = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(path, folder))) {
    if (isDirectory) found.push(...await filesBelow(folder, `${path}${name}/`));
    else found.push(path + name);
  }
  return found.filter((name) => /\.(js|css|svg)$/.test(name)).sort();
}

Deno.test("The page is at / and its files are below /page/, each with its type", async () => {
  const types = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
  for (
    const [address, type] of [
      ["/", types.html],
      ["/page/main.js", types.js],
      ["/page/views/runs.js", types.js],
      ["/page/page.css", types.css],
      ["/page/icon.svg", types.svg],
      ["/page/lib/preact.js", types.js],
      ["/page/lib/uplot.js", types.js],
      ["/page/lib/uplot.css", types.css],
    ]
  ) {
    const response = await routes.request(address!);
    assert.equal(response.status, 200, address);
    assert.ok(response.headers.get("content-type")!.startsWith(type!), address);
    assert.ok((await response.text()).length > 0, address);
  }
});

Deno.test("Every file of the page's folder is served, and nothing else is", async () => {
  const own = (await filesBelow(ownPage)).filter((name) => !(name in ownLibraries));
  assert.deepEqual([...ownPageFiles].sort(), own);
  for (
    const address of [
      "/page/",
      "/page/index.html",
      "/page/routes.ts",
      "/page/files.ts",
      "/page/../routes.ts",
      "/page/%2e%2e/admin.ts",
      "/page/..%2fadmin.ts",
      "/page/views/../../admin.ts",
      "/page//etc/passwd",
      "/page/toString",
      "/page/__proto__",
      "/page/main.js%00",
    ]
  ) {
    const response = await routes.request(address);
    assert.equal(response.status, 404, address);
    await response.body?.cancel();
  }
});

Deno.test("A browser may run only the page's own files, ask only the runtime, and show the page in no frame", async () => {
  const policy = (await routes.request("/")).headers.get("content-security-policy")!;
  for (
    const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]
  ) assert.ok(policy.split("; ").includes(rule), rule);
  assert.ok(!policy.includes("unsafe"));
});

Deno.test("The page has no script, style or handler inside its HTML, and names no other host", async () => {
  const html = await (await routes.request("/")).text();
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)[^>]*>/);
  assert.doesNotMatch(html, /<style|\bstyle=|\bon[a-z]+=|https?:|"\/\//);
});

Deno.test("A browser that already has a file of the page gets 304, and one that has another version gets the file", async () => {
  const first = await routes.request("/page/app.js");
  await first.body?.cancel();
  const etag = first.headers.get("etag")!;
  assert.equal(first.headers.get("cache-control"), "no-cache");
  const again = await routes.request("/page/app.js", { headers: { "if-none-match": etag } });
  assert.equal(again.status, 304);
  const other = await routes.request("/page/app.js", { headers: { "if-none-match": '"other"' } });
  assert.equal(other.status, 200);
  await other.body?.cancel();
});
