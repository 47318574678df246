import assert from "node:assert/strict";
import { Command } from "commander";
import { commandsPage } from "../../.ci/commands_doc.ts";
import { codesIn, codesOnPage } from "../../.ci/errors_doc.ts";
import { headingsIn, linksIn, unmarkedCommandsIn, wordsIn } from "../../.ci/pages.ts";

Deno.test("The links of a page are found with their headings, except in code blocks", () => {
  const page = "See [a](a.md#top), [b](#here), [c](https://c.example).\n\n```md\n[no](no.md)\n```\n";
  assert.deepEqual(linksIn(page), [{ file: "a.md", heading: "top" }, { file: "", heading: "here" }]);
});

Deno.test("A heading's anchor is its text without punctuation", () => {
  assert.deepEqual(headingsIn("# RPC\n\n## hopper dead list\n\n### Look, replay, delete\n"), [
    "rpc",
    "hopper-dead-list",
    "look-replay-delete",
  ]);
});

Deno.test("A command with a prompt outside of a transcript is found", () => {
  const page = "```sh transcript\n$ run\n```\n\n```sh\n$ not run\nsaid\n```\n\n```sh\nno prompt\n```\n";
  assert.deepEqual(unmarkedCommandsIn(page), ["not run"]);
});

Deno.test("The words of a page are counted wherever they are", () => {
  assert.equal(wordsIn("# Two words\n\n| a |\n```sh\nrun it\n```\n"), 10);
});

Deno.test("Error codes are found in the source where errors are made, and in the table of the page", () => {
  const source =
    `new HopperError("A_CODE", "…"); super(\n  "B_CODE",\n); readonly code = "C_CODE"; call("D_CODE");`;
  assert.deepEqual(codesIn(source), ["A_CODE", "B_CODE", "C_CODE"]);
  assert.deepEqual(codesOnPage("| code |\n| --- |\n| `A_CODE` | x `NOT_THIS` |\n"), ["A_CODE"]);
});

Deno.test("The page of commands has the help of each command and subcommand", () => {
  const hopper = new Command("hopper");
  hopper.command("dead").description("All of them").command("list").description("Lists them");
  const page = commandsPage(hopper);
  assert.match(page, /^## hopper dead$[^]*All of them[^]*^### hopper dead list$[^]*Lists them/m);
});
