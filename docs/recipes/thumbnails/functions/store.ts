import { queue, Reject } from "hopper";

/** Keeps each small picture as a file. */
export default queue("thumbnails", {
  codec: "bytes",
  permissions: { read: ["thumbnails"], write: ["thumbnails"] },
}, async (bytes: Uint8Array, { message, log }) => {
  const { name } = message.headers;
  // The name comes from outside, and becomes a path.
  if (typeof name !== "string" || !/^[\w-]{1,100}$/.test(name)) {
    throw new Reject("The header 'name' must be 1 to 100 letters, digits, - or _");
  }
  await Deno.mkdir("thumbnails", { recursive: true });
  // A picture that comes again replaces its file, so it makes no difference.
  await Deno.writeFile(`thumbnails/${name}.png`, bytes);
  log.info(`thumbnails/${name}.png`, { bytes: bytes.length });
});
