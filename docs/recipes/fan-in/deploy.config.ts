import { defineConfig } from "hopper";

export default defineConfig({
  functions: {
    // It may write its database, and nothing else.
    "join": { permissions: { read: ["data"], write: ["data"] } },
  },
});
