import assert from "node:assert/strict";
import fc from "fast-check";
import { printable, printableJson, printableLines } from "../../../runtime/core/text/printable.ts";

Deno.test("Characters that control a terminal, end a line or reverse text are escaped", () => {
  assert.equal(printable("a\x1b[31m\r\n\t\x9b"), "a\\x1b[31m\\x0d\\x0a\\x09\\x9b");
  assert.equal(
    printable("paid \u202e001\u202c \u2066x\u2069 \u200f"),
    "paid \\u202e001\\u202c \\u2066x\\u2069 \\u200f",
  );
  assert.equal(printable("\u2028\u2029\ud800"), "\\u2028\\u2029\\ud800");
  assert.equal(printable("Grüße, 世界 👩‍🚀 שלום"), "Grüße, 世界 👩‍🚀 שלום");
});

Deno.test("A text of several lines keeps its lines", () => {
  assert.equal(printableLines("one\ntwo\x1b[2J\r\u202e"), "one\ntwo\\x1b[2J\\x0d\\u202e");
});

Deno.test("JSON that is made printable has the same value", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const json = printableJson(JSON.stringify({ [text]: text }));
    assert.equal(json, printable(json));
    assert.deepEqual(JSON.parse(json), { [text]: text });
  }));
  assert.equal(printableJson(JSON.stringify("\u202e\x9b")), '"\\u202e\\u009b"');
});

Deno.test("Every character that is not printable is escaped, alone and among others", () => {
  const isPrintable = (char: string) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}\p{Cs}]/u.test(char);
  for (let code = 0; code <= 0xffff; code++) {
    const char = String.fromCharCode(code);
    const shown = printable(char);
    assert.equal(shown === char, isPrintable(char), `U+${code.toString(16)}`);
    assert.equal(printable(`✓ a${char}b`), `✓ a${shown}b`);
  }
});
