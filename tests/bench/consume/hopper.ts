/** The same consumer as a Hopper function. Arguments: URL, queue, options as JSON, an empty folder. */
import { startApp } from "../../../runtime/app.ts";

const [url, queue, options, functions] = Deno.args as [string, string, string, string];
const { prefetch, ...work } = JSON.parse(options);
const here = new URL(".", import.meta.url).href;
await Deno.writeTextFile(
  `${functions}/consume.ts`,
  `import { queue } from "hopper";
import { createHandler } from "${here}handler.ts";
export default queue(${JSON.stringify(queue)}, { prefetch: ${prefetch}, codec: "bytes" }, createHandler(${
    JSON.stringify(work)
  }));
`,
);
await startApp({ functions, broker: url, config: { defaults: { isolate: "inline" } } });
