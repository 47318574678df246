import { defineConfig } from "hopper";

export default defineConfig({
  functions: {
    // It may write its database, and nothing else.
    "import_rows": { permissions: { read: ["data"], write: ["data"] } },
  },
});
