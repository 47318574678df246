import assert from "node:assert/strict";
import { visible, visibleText } from "../../../runtime/observe/page/parts/visible.js";

Deno.test("Plain text is shown as it is, in any language and with emoji", () => {
  for (const text of ["", "hello", "Grüße, 世界, שלום", "🙂", "<img src=x onerror=alert(1)>"]) {
    assert.equal(visibleText(text), text);
  }
});

Deno.test("Line ends, tabs and control characters are shown as pictures in a line", () => {
  assert.equal(visibleText("a\nb\tc\0d\x1b[31m\x7f"), "a␤b␉c␀d␛[31m␡");
  assert.equal(visibleText("\x07\r"), "␇␍");
});

Deno.test("Line ends and tabs stay in a text of several lines, and other control characters are shown", () => {
  assert.equal(visibleText("a\n\tb\x08", true), "a\n\tb␈");
});

Deno.test("Characters that change the direction of text, or have no width, are shown as codes", () => {
  assert.equal(visibleText("exe.\u202egpj"), "exe.\\u202egpj");
  assert.equal(visibleText("a\u200bb\u2066c\ufeff\u2028"), "a\\u200bb\\u2066c\\ufeff\\u2028");
  assert.equal(visibleText("\ud800 \u{e0041}"), "\\ud800 \\u{e0041}");
});

Deno.test("A code is told apart from the same text that was written out", () => {
  assert.deepEqual(visible("\\u202e\u202e"), [
    { kind: "text", text: "\\u202e" },
    { kind: "code", text: "\\u202e" },
  ]);
});
