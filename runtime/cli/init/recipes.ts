import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownRecipes } from "../../core/own_files.ts";
import type { Files } from "./files.ts";
import type { Content, Template } from "./template.ts";

/** Projects for common kinds of work, from docs/recipes/. */
export const recipes: Readonly<Record<string, Template>> = {
  "api-calls": recipe(
    "api-calls",
    "calls of an API that limits its rate",
    `send lookups '{ "id": "7" }'`,
  ),
  "change-feed": recipe(
    "change-feed",
    "what changes in a PostgreSQL database, as messages",
    `publish changes customer.insert '{ "old": null, "new": { "id": 1, "name": "Ada" } }'`,
  ),
  "csv-import": recipe(
    "csv-import",
    "a file, whose rows are saved in batches",
    "send imports - < customers.csv",
  ),
  "email-outbox": recipe(
    "email-outbox",
    "mails that wait for their server",
    `send mail '{ "to": "ada@example.org", "subject": "Hello", "text": "How are you?" }'`,
  ),
  "fan-in": recipe(
    "fan-in",
    "many parts, counted beside each other and joined once",
    `send reports '{ "id": "r1", "texts": ["one two", "three"] }'`,
  ),
  "http-gateway": recipe(
    "http-gateway",
    "functions for programs that speak HTTP",
    `call shop.price '{ "item": "bolt" }'`,
  ),
  "log-pipeline": recipe(
    "log-pipeline",
    "log lines, stored in batches and searched",
    `publish logs shop.info '{ "at": "2026-01-02T03:04:05Z", "text": "Order 7 paid" }'`,
  ),
  "nightly-report": recipe(
    "nightly-report",
    "a report every night, of what was ordered since the last one",
    "fire report",
  ),
  "order-saga": recipe(
    "order-saga",
    "an order in steps, which are undone when one fails",
    `send orders '{ "id": "a1", "item": "bolt", "amount": 12 }'`,
  ),
  "thumbnails": recipe(
    "thumbnails",
    "pictures in, small pictures out",
    "send pictures --header name=cat - < cat.jpg",
  ),
  "webhooks": recipe(
    "webhooks",
    "events for other people's servers",
    `send webhooks '{ "url": "http://127.0.0.1:8000/hook", "event": { "paid": 7 } }'`,
  ),
};

function recipe(name: string, has: string, attempt: string): Template {
  return { has, attempt, content: () => contentOf(fileURLToPath(new URL(`${name}/`, ownRecipes))) };
}

async function contentOf(folder: string): Promise<Content> {
  const { "deno.json": config, ...files } = await filesBelow(folder);
  return { files, packages: config === undefined ? {} : JSON.parse(config).imports };
}

async function filesBelow(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path.slice(folder.length), await readFile(path, "utf8")])),
  );
}
