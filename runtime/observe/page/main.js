// @ts-check
/// <reference lib="dom" />
import { App } from "./app.js";
import { html, render } from "./lib/preact.js";

// The token has become a cookie: it does not stay in the address bar or in bookmarks.
if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", `/${location.hash}`);

const place = document.getElementById("app");
if (place !== null) render(html`<${App} />`, place);
