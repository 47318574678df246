import assert from "node:assert/strict";
import { menuOf } from "../../.ci/site.ts";
import { readPage } from "../../.ci/site/page.ts";

const addresses = new Map([["README.md", "index.html"], ["docs/rpc.md", "rpc.html"], [
  "docs/a.svg",
  "a.svg",
]]);

Deno.test("The site's menu has the groups and pages of docs/llms.txt, in that order", () => {
  const list =
    "# Hopper\n\n## First\n\n- [RPC](rpc.md): requests\n- [Way in](WAY.md)\n\n## Then\n\n- [B](b.md)\n- [C](c/d/README.md)\n";
  assert.deepEqual(
    menuOf(list).map(({ title, entries }) => [title, ...entries.map(({ address }) => address)]),
    [["First", "rpc.html", "way.html"], ["Then", "b.html", "c-d.html"]],
  );
  assert.equal(menuOf(list)[0]!.entries[0]!.description, "requests");
});

Deno.test("Links in a page lead to pages of the site, and links to other files become text", () => {
  const { html } = readPage(
    "docs/page.md",
    "[a](rpc.md#errors) [b](../README.md) [c](#d) [e](https://e.example) [f](../tests/f_test.ts)\n",
    addresses,
  );
  assert.deepEqual([...html.matchAll(/href="(.*?)"/g)].map(([, link]) => link), [
    "rpc.html#errors",
    "index.html",
    "#d",
    "https://e.example",
  ]);
  assert.match(html, /<span>f<\/span>/);
});

Deno.test("A picture that a page has as HTML has the site's address", () => {
  const { html } = readPage("README.md", `<picture><source srcset="docs/a.svg"></picture>\n`, addresses);
  assert.match(html, /srcset="a\.svg"/);
});

Deno.test("The sections of a page have their ids, titles and plain text", () => {
  const { title, sections } = readPage(
    "docs/page.md",
    "# A `b`\n\nOne *two*\nthree\n\n## Same\n\n```sh\ncode\n```\n\n## Same\n\n| h |\n| --- |\n| cell |\n",
    addresses,
  );
  assert.equal(title, "A b");
  assert.deepEqual(sections, [
    { id: "a-b", level: 1, title: "A b", text: "One two three" },
    { id: "same", level: 2, title: "Same", text: "code\n" },
    { id: "same-1", level: 2, title: "Same", text: "h\ncell" },
  ]);
});

Deno.test("The commands of a transcript are copied without the prompt", () => {
  const { html } = readPage("docs/page.md", "```sh transcript\n$ run '<a>'\nit ran\n```\n", addresses);
  assert.match(html, /<span class="prompt">\$ <\/span><b>run '&lt;a&gt;'<\/b>\nit ran\n/);
});

Deno.test("Code is coloured and escaped, and code in an unknown language is only escaped", () => {
  const { html } = readPage("docs/page.md", "```ts\nconst a = 1 < 2;\n```\n\n```text\n<b>\n```\n", addresses);
  assert.match(html, /<span class="hljs-keyword">const<\/span>.*1<\/span> &lt;/);
  assert.match(html, /<code class="language-text">&lt;b&gt;/);
});
