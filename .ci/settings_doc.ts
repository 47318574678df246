/**
 * Holds docs/settings.md to the schema that checks the settings.
 *
 * `deno run -A .ci/settings_doc.ts` exits 1 if the page is out of date; `--write` writes it.
 */
import { describeSettings, type SettingDoc } from "../runtime/core/settings/settings.ts";

const page = new URL("../docs/settings.md", import.meta.url);

const said: Record<SettingDoc["saidBy"], string> = {
  "file": "the file",
  "operator": "deploy.config.ts",
  "file and operator": "both",
};

/** The page, as the schema has it. Durations are shown in milliseconds. */
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
    "Each resolves in this order, the later winning: the default, `defaults` in deploy.config.ts, the function's own",
    'file, `functions["name or glob"]` in deploy.config.ts (globs in the order they are written, the exact name last).',
    '`retry` is merged field by field. Durations are milliseconds, or strings such as `"250ms" "30s" "5m" "1h" "2d"`.',
    "",
    "`permissions` is not layered: the function's own file alone asks, for no more than the last of those entries in",
    "deploy.config.ts that says any.",
    "",
    "| setting | default | said by | meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

if (import.meta.main) {
  const wanted = settingsPage();
  if (Deno.args.includes("--write")) {
    await Deno.writeTextFile(page, wanted);
  } else if (await Deno.readTextFile(page).catch(() => "") !== wanted) {
    console.error("docs/settings.md is out of date; run: deno run -A .ci/settings_doc.ts --write");
    Deno.exit(1);
  }
}
