import { defineConfig } from "hopper";

export default defineConfig({
  functions: {
    // Native code can do anything, whatever else is written here. So that is said here, and not only in the file.
    "shrink": { permissions: { read: true, ffi: true, sys: true } },
    // It may write that folder, and nothing else.
    "store": { permissions: { read: ["thumbnails"], write: ["thumbnails"] } },
  },
});
