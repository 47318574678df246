import assert from "node:assert/strict";
import { descriptionIn } from "../../runtime/core/contract.ts";

const exported = `export default rpc("add", () => 1);`;

Deno.test("A function's description is the docstring above its default export", () => {
  const docstring = "/** Adds two numbers. */";
  for (
    const source of [
      `${docstring}\n${exported}`,
      `import { rpc } from "hopper";\n\n/** Another. */\nconst x = "*/";\n\n${docstring}\n${exported}`,
      `/**\n * Adds two\n * numbers.\n */\n${exported}`.replace("two\n * ", "two "),
      `${docstring}\n// deno-lint-ignore no-explicit-any\n\n${exported}`,
      `/**\r\n * Adds two numbers.\r\n */\r\n${exported}`,
      `${docstring} \n\n export const other = 1;\n${docstring}\n${exported}`,
    ]
  ) {
    assert.equal(descriptionIn(source), "Adds two numbers.", source);
  }
});

Deno.test("A description keeps its lines, and ends before the first tag; links are their targets", () => {
  const source = `/**
 * Charges a card.
 *
 * - once, see {@linkcode Reject}
 *   and {@link https://example.org the page}
 *
 * @example
 * charge();
 */
${exported}`;
  assert.equal(
    descriptionIn(source),
    "Charges a card.\n\n- once, see Reject\n  and https://example.org",
  );
});

Deno.test("A file without a docstring above its default export has no description", () => {
  for (
    const source of [
      "",
      exported,
      `/** The file. */\nimport { rpc } from "hopper";\n${exported}`,
      `/* Not a docstring. */\n${exported}`,
      `/** @module */\n${exported}`,
      `/** */\n${exported}`,
      `/**/\n${exported}`,
      `/** One. */ const x = 1; /* Two. */\n${exported}`,
      `// export default\n/** Nothing is exported. */`,
    ]
  ) {
    assert.equal(descriptionIn(source), undefined, source);
  }
});

Deno.test("A long description is cut, and a hostile file costs no time", () => {
  const long = descriptionIn(`/** ${"a".repeat(100_000)} */\n${exported}`)!;
  assert.equal(long.length, 4_000);
  assert.equal(long.at(-1), "…");
  const started = performance.now();
  assert.equal(descriptionIn("/**".repeat(1_000_000) + `\n${exported}`), undefined);
  assert.equal(descriptionIn("\n".repeat(2_000_000) + exported), undefined);
  assert.equal(descriptionIn("export\t".repeat(500_000) + exported), undefined);
  assert.ok(performance.now() - started < 2_000);
});
