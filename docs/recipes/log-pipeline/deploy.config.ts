import { defineConfig } from "hopper";

const database = { read: ["data"], write: ["data"] };

export default defineConfig({
  functions: {
    "store_logs": { permissions: database },
    "search_logs": { permissions: database },
  },
});
