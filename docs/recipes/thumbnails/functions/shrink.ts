import { queue, Reject } from "hopper";
import sharp from "sharp";

const width = 200;

/** Makes a small picture of each picture: bytes come in, and bytes go out. */
export default queue("pictures", {
  codec: "bytes",
  // Pictures are large once they are unpacked, so there are few at a time.
  prefetch: 4,
  concurrency: 2,
  memory: "512MB",
  // sharp is native code. deploy.config.ts has to agree.
  permissions: { read: true, ffi: true, sys: true },
}, async (bytes: Uint8Array, ctx) => {
  const small = await sharp(bytes).resize({ width, withoutEnlargement: true }).png().toBuffer()
    .catch((error: Error) => {
      // Another try would not make it a picture.
      throw new Reject(`This is no picture: ${error.message}`);
    });
  const { name } = ctx.message.headers;
  await ctx.send("thumbnails", small, { contentType: "image/png", headers: { name } });
});
