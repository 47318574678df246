/** Searches the sections of all pages. They are fetched when the field is first used. */

import MiniSearch from "minisearch";

const most = 12;

const input = document.querySelector("#search");
const count = document.querySelector("#count");
const results = document.querySelector("#results");

let index;

/** The index of all sections. */
function load() {
  index ??= fetch("sections.json").then((response) => response.json()).then((sections) => {
    const search = new MiniSearch({
      fields: ["title", "page", "text"],
      storeFields: ["title", "page", "text", "address"],
      searchOptions: {
        boost: { title: 4, page: 2 },
        combineWith: "AND",
        prefix: true,
        fuzzy: (term) => term.length > 4 ? 0.2 : false,
      },
    });
    search.addAll(sections.map((section, id) => ({ id, ...section })));
    return search;
  });
  return index;
}

async function show() {
  const wanted = input.value;
  const search = await load();
  if (wanted !== input.value) return; // more was typed meanwhile
  const found = search.search(wanted).slice(0, most);
  results.replaceChildren(...found.map(item));
  results.hidden = found.length === 0;
  count.textContent = wanted.trim() === "" ? "" : found.length === 0 ? `Nothing about “${wanted}”` : "";
}

function item({ title, page, text, address, terms }) {
  const link = element("a", title);
  link.href = address;
  if (page !== title) link.prepend(element("small", page));
  link.append(excerpt(text, terms));
  const entry = document.createElement("li");
  entry.append(link);
  return entry;
}

/** What stands around the first word that was found. */
function excerpt(text, terms) {
  const at = terms.map((term) => text.toLowerCase().indexOf(term)).filter((place) => place >= 0);
  const near = Math.min(...at, text.length) - 20;
  const start = at.length === 0 || near <= 0 ? 0 : text.lastIndexOf(" ", near) + 1;
  return element("span", `${start > 0 ? "…" : ""}${text.slice(start, start + 120)}`);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function close() {
  results.hidden = true;
  count.textContent = "";
}

input.addEventListener("focus", load);
input.addEventListener("input", show);

// "/" leads to the field, the arrows through what was found, and Escape back.
document.addEventListener("keydown", (event) => {
  const links = [...results.querySelectorAll("a")];
  const place = links.indexOf(document.activeElement);
  const inSearch = place >= 0 || document.activeElement === input;
  if (event.key === "/" && !inSearch) input.focus();
  else if (event.key === "Escape" && inSearch) {
    input.focus();
    close();
  } else if (event.key === "ArrowDown" && inSearch) (links[place + 1] ?? links[0])?.focus();
  else if (event.key === "ArrowUp" && place >= 0) (links[place - 1] ?? input).focus();
  else if (event.key === "Enter" && document.activeElement === input && !results.hidden) links[0]?.click();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("search") || event.target.closest("a")) close();
});
