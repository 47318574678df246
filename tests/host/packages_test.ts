/** Packages are fetched before a function starts, by a process that does not run their code and knows no secrets. */

import assert from "node:assert/strict";
import { freePort } from "../support/ports.ts";
import { hopperImports, withFunctions } from "../support/functions.ts";

const config = (more: Record<string, unknown> = {}) =>
  JSON.stringify({ imports: { ...hopperImports }, ...more });

const returns = (expression: string, before = "") =>
  `import { rpc } from "hopper";\n${before}\nexport default rpc("f", async () => (${expression}));`;

/** A package registry with the package `evil`, whose scripts write a file, and the URLs that were requested. */
function registry(answer: (url: URL) => Response | Promise<Response>) {
  const asked: string[] = [];
  const end = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: end.signal };
  const serving = Deno.serve(options, (request) => {
    asked.push(new URL(request.url).pathname);
    return answer(new URL(request.url));
  });
  return {
    url: `http://127.0.0.1:${serving.addr.port}/`,
    asked,
    // Without waiting for requests that are never answered.
    [Symbol.asyncDispose]: () => {
      end.abort();
      return serving.finished;
    },
  };
}

Deno.test("A package that cannot be fetched is reported with what to check", async () => {
  await using nowhere = registry(() => new Response("no", { status: 404 }));
  await using functions = await withFunctions({
    "deno.json": config(),
    ".npmrc": `registry=${nowhere.url}`,
    "functions/f.ts": returns("x", `import x from "npm:hopper-test-no-such-package@1.0.0";`),
    "functions/g.ts": returns("1").replace('"f"', '"g"'),
  });
  const problems = await functions.problems();
  assert.deepEqual(Object.keys(problems), ["functions/f.ts"]);
  assert.match(
    problems["functions/f.ts"]!,
    /Its packages could not be fetched: .*hopper-test-no-such-package/,
  );
  assert.ok(nowhere.asked.length > 0);
});

Deno.test("Without a network functions run if they need no new package, and the others are reported with what is missing", async () => {
  await using functions = await withFunctions({
    "deno.json": config(),
    ".npmrc": `registry=http://127.0.0.1:${freePort()}/`,
    "functions/f.ts": returns("x", `import x from "npm:hopper-test-no-such-package@1.0.0";`),
    "functions/g.ts": returns("1").replace('"f"', '"g"'),
    "functions/later.ts": returns(`(await import("npm:hopper-test-no-such-package@1.0.0")).default`)
      .replace('"f"', '"later"'),
  });
  const problems = await functions.problems();
  assert.deepEqual(Object.keys(problems).sort(), ["functions/f.ts", "functions/later.ts"]);
  for (const problem of Object.values(problems)) {
    assert.match(
      problem,
      /^Its packages could not be fetched: [^\n]*Connection refused[^\n]*; check the name and version, and whether the registry can be reached; then save the file again$/,
    );
  }
  assert.equal(await functions.result("g"), 1);
});

Deno.test("A registry that does not answer delays neither other functions nor the stop", async () => {
  await using silent = registry(() => new Promise(() => {}));
  const wakes: (() => void)[] = [];
  await using functions = await withFunctions(
    {
      "deno.json": config(),
      ".npmrc": `registry=${silent.url}`,
      "functions/f.ts": returns("x", `import x from "npm:hopper-test-no-such-package@1.0.0";`),
      "functions/g.ts": returns("1").replace('"f"', '"g"'),
    },
    { limits: { othersMs: 300, slowMs: 60_000, onLate: () => wakes.shift()?.() } },
  );
  let catalog = await functions.read();
  while (catalog.functions.length === 0) {
    await new Promise<void>((late) => wakes.push(late));
    catalog = await functions.read();
  }
  assert.deepEqual([catalog.functions.map(({ name }) => name), catalog.pending], [["g"], ["f"]]);
  // Closing ends the fetch; otherwise the test would take a minute.
});

Deno.test("Scripts of packages do not run, even if deno.json allows them", async () => {
  const tarball = await evilPackage();
  await using evil = registry(({ pathname, origin }) =>
    pathname.endsWith(".tgz") ? new Response(tarball.bytes) : Response.json({
      name: "hopper-test-evil",
      "dist-tags": { latest: "1.0.0" },
      versions: {
        "1.0.0": {
          name: "hopper-test-evil",
          version: "1.0.0",
          hasInstallScript: true,
          scripts: { postinstall: "touch /tmp/hopper-test-evil-was-here" },
          dist: { tarball: `${origin}/hopper-test-evil.tgz`, integrity: tarball.integrity },
        },
      },
    })
  );
  await using functions = await withFunctions({
    "deno.json": config({ nodeModulesDir: "auto", allowScripts: ["npm:hopper-test-evil"] }),
    ".npmrc": `registry=${evil.url}`,
    "functions/f.ts": returns("x", `import x from "npm:hopper-test-evil@1.0.0";`),
  });
  assert.equal(await functions.result("f"), "loaded");
  await assert.rejects(Deno.stat("/tmp/hopper-test-evil-was-here"), Deno.errors.NotFound);
  await assert.rejects(Deno.stat(functions.folder.at("node_modules")), Deno.errors.NotFound);
});

async function evilPackage() {
  const folder = await Deno.makeTempDir({ prefix: "hopper-package-" });
  await Deno.mkdir(`${folder}/package`);
  const manifest = {
    name: "hopper-test-evil",
    version: "1.0.0",
    main: "index.js",
    scripts: { postinstall: "touch /tmp/hopper-test-evil-was-here" },
  };
  await Deno.writeTextFile(`${folder}/package/package.json`, JSON.stringify(manifest));
  await Deno.writeTextFile(`${folder}/package/index.js`, `module.exports = "loaded";`);
  const { stdout: bytes } = await new Deno.Command("tar", { args: ["-czf", "-", "-C", folder, "package"] })
    .output();
  await Deno.remove(folder, { recursive: true });
  const digest = await crypto.subtle.digest("SHA-512", bytes);
  return { bytes, integrity: `sha512-${new Uint8Array(digest).toBase64()}` };
}

Deno.test("The version of a package comes from the project's lock file, which is never written", async () => {
  await using functions = await withFunctions({
    "deno.json": config(),
    "deno.lock": JSON.stringify({
      version: "5",
      specifiers: { "npm:ms@2": "2.1.2" },
      npm: {
        "ms@2.1.2": {
          integrity:
            "sha512-sGkPx+VjMtmA6MX27oA4FBFELFCZZ4S4XqeGOXCv68tT+jb3vk/RyaKWP0PTKyWtmLSM0b+adUTEvbs1PEaH2w==",
        },
      },
    }),
    "functions/f.ts": returns(
      "own.version",
      `import own from "npm:ms@2/package.json" with { type: "json" };`,
    ),
    "functions/g.ts": returns("1", `import "npm:qs@6.14.0";`).replace('"f"', '"g"'),
  });
  const before = await Deno.readTextFile(functions.folder.at("deno.lock"));
  assert.equal(await functions.result("f"), "2.1.2");
  assert.equal(await functions.result("g"), 1);
  assert.equal(await Deno.readTextFile(functions.folder.at("deno.lock")), before);
});
