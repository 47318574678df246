/** What every page of the site has around it. */

import type { Page } from "./page.ts";

/** A part of the menu. */
export interface Group {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** A page in the menu. */
export interface Entry {
  /** Its path in the repository. */
  readonly file: string;
  /** Its address on the site, relative to the site's root: all pages are in one folder. */
  readonly address: string;
  readonly title: string;
  readonly description: string;
}

// Nothing is asked of another host, whatever a page contains.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";

/** The whole document. */
export function frame(page: Page, entry: Entry, menu: readonly Group[]): string {
  const title = entry.title === "Hopper" ? "Hopper" : `${page.title} - Hopper`;
  const parts = page.sections.filter(({ level }) => level === 2);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="description" content="${escape(entry.description)}">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="style.css">
<script type="module" src="search.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<a class="brand" href="index.html"><img src="icon.svg" alt="" width="24" height="24">Hopper</a>
<search>
<input id="search" type="search" placeholder="Search" aria-label="Search the documentation" aria-keyshortcuts="/"
 autocomplete="off" spellcheck="false">
<p id="count" role="status"></p>
<ol id="results" hidden></ol>
</search>
<button id="menu-button" type="button" popovertarget="menu">Pages</button>
</header>
<div class="columns">
<nav id="menu" popover aria-label="Pages">
${menu.map((group) => groupOf(group, entry)).join("\n")}
</nav>
<main id="content" tabindex="-1">
${page.html}</main>
${parts.length < 2 ? "" : contents(parts)}
</div>
</body>
</html>
`;
}

function groupOf({ title, entries }: Group, current: Entry): string {
  const items = entries.map(({ address, title }) =>
    `<li><a href="${address}"${address === current.address ? ' aria-current="page"' : ""}>${
      escape(title)
    }</a></li>`
  );
  return `<h2>${escape(title)}</h2>\n<ul>\n${items.join("\n")}\n</ul>`;
}

function contents(parts: Page["sections"]): string {
  const items = parts.map(({ id, title }) => `<li><a href="#${id}">${escape(title)}</a></li>`);
  return `<nav class="contents" aria-label="On this page">
<h2>On this page</h2>
<ul>
${items.join("\n")}
</ul>
</nav>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
