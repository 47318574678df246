/**
 * Writes docs/settings.md from the schema that checks the settings.
 *
 * `deno run -A .ci/settings_doc.ts` exits 1 if the page is out of date; with `--write` it writes the page.
 */
import { describeSettings, type SettingDoc } from "../runtime/core/settings/describe_settings.ts";
import { keepPage } from "./generated_page.ts";

const page = new URL("../docs/settings.md", import.meta.url);

const said: Record<SettingDoc["saidBy"], string> = {
  "file": "the file",
  "operator": "deploy.config.ts",
  "file and operator": "both",
};

/** The whole page. Durations are shown in milliseconds. */
export function settingsPage(): string {
  const rows = describeSettings().map(({ name, default: value, description, saidBy }) =>
    `| \`${name}\` | ${value === undefined ? "" : `\`${JSON.stringify(value)}\``} | ${
      said[saidBy]
    } | ${description} |`
  );
  return [
    "# Settings",
    "",
    "Written by `deno run -A .ci/settings_doc.ts --write` from the schema that checks them.",
    "",
    "A setting can be written in several places. A later place in this list wins over an earlier one:",
    "",
    "1. the default in the table below",
    "2. `defaults` in deploy.config.ts",
    "3. the options in the function's own file",
    '4. `functions["name or glob"]` in deploy.config.ts: globs in the order they are written, then the exact name',
    "",
    "`retry` and `pause` are merged field by field; every other setting is replaced as a whole.",
    'A duration is a number of milliseconds, or a string such as `"250ms"`, `"30s"`, `"5m"`, `"1h"` or `"2d"`.',
    "The table shows durations in milliseconds.",
    "",
    "`permissions` works differently. Only the function's own file asks for permissions. What deploy.config.ts says is",
    "a limit: the file may not ask for more. Of the entries in deploy.config.ts that match the function and have",
    "`permissions`, only the last one counts.",
    "",
    "| setting | default | where to write it | meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

if (import.meta.main) await keepPage(page, settingsPage(), "settings_doc.ts");
