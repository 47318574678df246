import manifest from "../../deno.json" with { type: "json" };

/** Hopper's version. */
export const version: string = manifest.version;
