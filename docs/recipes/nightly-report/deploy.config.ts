import { defineConfig } from "hopper";

const database = { read: ["data"], write: ["data"] };

export default defineConfig({
  functions: {
    "orders": { permissions: database },
    "report": { permissions: database },
  },
});
