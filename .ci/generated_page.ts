/** Writes a generated page with `--write`. Without it, exits 1 if the page is not up to date. */
export async function keepPage(page: URL, wanted: string, script: string): Promise<void> {
  if (Deno.args.includes("--write")) return await Deno.writeTextFile(page, wanted);
  if (await Deno.readTextFile(page).catch(() => "") === wanted) return;
  const name = page.pathname.split("/").at(-1);
  console.error(`docs/${name} is out of date; run: deno run -A .ci/${script} --write`);
  Deno.exit(1);
}
