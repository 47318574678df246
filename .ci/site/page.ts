/** A page of documentation in Markdown, as HTML and as sections to search. */

import { dirname, join, normalize } from "node:path/posix";
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import typescript from "highlight.js/lib/languages/typescript";
import MarkdownIt, { type Token } from "markdown-it";
import { headingIds } from "../pages.ts";

for (
  const [name, language] of Object.entries({ bash, go, java, javascript, json, python, typescript })
) hljs.registerLanguage(name, language);

/** A heading, and what stands below it until the next one. */
export interface Section {
  /** What a link has after `#`; empty above the first heading. */
  readonly id: string;
  /** 1 for the page's title. */
  readonly level: number;
  readonly title: string;
  /** Without marks. */
  readonly text: string;
}

/** A page, ready to be put into the frame. */
export interface Page {
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
}

const markdown = new MarkdownIt({
  html: true,
  highlight: (code, name, mark) => {
    if (mark === "transcript") return transcript(code);
    return hljs.getLanguage(name) ? hljs.highlight(code, { language: name }).value : "";
  },
});
// What is wider than the page scrolls by itself, with the keyboard as well.
markdown.renderer.rules.table_open = () => `<div class="scroll" tabindex="0"><table>\n`;
markdown.renderer.rules.table_close = () => "</table></div>\n";
const fence = markdown.renderer.rules.fence!;
markdown.renderer.rules.fence = (...args) => fence(...args).replace("<pre>", `<pre tabindex="0">`);

/**
 * Reads a page.
 *
 * @param file its path in the repository, such as `docs/rpc.md`
 * @param addresses where the files of the repository are that the site has; a link to any other becomes text
 */
export function readPage(file: string, source: string, addresses: ReadonlyMap<string, string>): Page {
  const address = (link: string): string | undefined => {
    if (/^([a-z]+:|#)/.test(link)) return link;
    const [path = "", heading] = link.split("#");
    const target = addresses.get(normalize(join(dirname(file), path)));
    return target === undefined || heading === undefined ? target : `${target}#${heading}`;
  };
  const tokens = markdown.parse(source, {});
  giveHeadingsTheirIds(tokens);
  emptyHeadersAreCells(tokens);
  for (const token of tokens) {
    leadTo(token.children ?? [token], address);
  }
  const sections = sectionsOf(tokens);
  const title = sections.find(({ level }) => level === 1)?.title ?? file;
  return { title, html: markdown.renderer.render(tokens, markdown.options, {}), sections };
}

/** Commands stand out, and are copied without the prompt. */
function transcript(text: string): string {
  return markdown.utils.escapeHtml(text).replace(/^\$ (.*)$/gm, '<span class="prompt">$ </span><b>$1</b>');
}

function giveHeadingsTheirIds(tokens: readonly Token[]): void {
  const headings = tokens.flatMap((token, i) =>
    token.type === "heading_open" ? [[token, tokens[i + 1]!]] : []
  );
  const ids = headingIds(headings.map(([, inline]) => inline!.content));
  headings.forEach(([open, inline], i) => {
    const id = ids[i]!;
    open!.attrSet("id", id);
    if (open!.tag === "h1") return;
    const link = Object.assign(Object.create(inline!), { type: "html_inline", children: null });
    link.content = ` <a class="anchor" href="#${id}" aria-label="Link to this section">#</a>`;
    inline!.children!.push(link);
  });
}

/** A table of Markdown has a header, wanted or not. */
function emptyHeadersAreCells(tokens: readonly Token[]): void {
  tokens.forEach((open, i) => {
    if (open.type !== "th_open" || tokens[i + 1]!.content !== "") return;
    open.tag = tokens[i + 2]!.tag = "td";
  });
}

/** Makes links and pictures lead to where their targets are on the site; links to what is not there become text. */
function leadTo(tokens: readonly Token[], address: (link: string) => string | undefined): void {
  let isText = false;
  for (const token of tokens) {
    if (token.type.startsWith("html_")) {
      token.content = token.content.replace(
        /\b(src|srcset|href)="([^"]*)"/g,
        (_, name, link) => `${name}="${address(link) ?? link}"`,
      );
    } else if (token.type === "image") {
      token.attrSet("src", address(`${token.attrGet("src")}`) ?? "");
    } else if (token.type === "link_open") {
      const target = address(`${token.attrGet("href")}`);
      isText = target === undefined;
      if (target !== undefined) token.attrSet("href", target);
      else Object.assign(token, { tag: "span", attrs: null });
    } else if (token.type === "link_close" && isText) {
      token.tag = "span";
    }
  }
}

function sectionsOf(tokens: readonly Token[]): Section[] {
  const sections: (Omit<Section, "text"> & { text: string[] })[] = [];
  let isHeading = false;
  for (const token of tokens) {
    if (token.type === "heading_open") {
      isHeading = true;
      sections.push({ id: `${token.attrGet("id")}`, level: Number(token.tag.slice(1)), title: "", text: [] });
    } else if (token.type === "inline" && isHeading) {
      const last = sections.pop()!;
      sections.push({ ...last, title: plain(token) });
      isHeading = false;
    } else if (token.type === "inline" || token.type === "fence") {
      sections.at(-1)?.text.push(plain(token));
    }
  }
  return sections.map((section) => ({ ...section, text: section.text.join("\n") }));
}

function plain(token: Token): string {
  if (token.children === null || token.children.length === 0) return token.content;
  return token.children.map(({ type, content }) =>
    type === "html_inline" ? "" : type === "softbreak" ? " " : content
  ).join("");
}
