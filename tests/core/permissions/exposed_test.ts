import assert from "node:assert/strict";
import { isExposed, isReadOnly } from "../../../runtime/core/permissions/exposed.ts";

const mountinfo = String.raw`22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
90 22 0:40 / /app/functions ro,relatime - tmpfs tmpfs rw,size=8k
91 22 0:41 / /app/functions/cache rw,relatime - tmpfs tmpfs rw
92 22 0:42 / /my\040app ro,noatime - tmpfs tmpfs rw
`;

Deno.test("A file on a read-only mount is not exposed, whatever its mode", () => {
  assert.ok(isReadOnly("/app/functions", mountinfo));
  assert.ok(isReadOnly("/app/functions/..data/a.ts", mountinfo));
  assert.ok(isReadOnly("/my app/a.ts", mountinfo));
  assert.ok(!isReadOnly("/app/functions/cache/a.ts", mountinfo), "another mount lies over it");
  assert.ok(!isReadOnly("/app/functions2", mountinfo));
  assert.ok(!isReadOnly("/etc/passwd", mountinfo));
  assert.ok(!isReadOnly("/etc/passwd", ""), "where the system does not say");
});

Deno.test("A file that everybody may write is exposed, on systems that have modes", () => {
  assert.ok(isExposed("/tmp", { mode: 0o1777 }));
  assert.ok(!isExposed("/tmp", { mode: 0o775 }));
  assert.ok(!isExposed("/tmp", { mode: null }));
});
