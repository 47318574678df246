/** A runtime as a person starts it, with its page: `hopper run` and the embedded broker, each in a process of its own. */

import { type Hopper, type HopperOptions, startHopper } from "../support/hopper.ts";
import { startEmbeddedNode } from "../support/embedded_node.ts";
import { freePort } from "../support/ports.ts";

/** A running runtime, and how to open its page. */
export interface Paged extends AsyncDisposable {
  readonly hopper: Hopper;
  readonly broker: string;
  /** The page's address, which ends with `/`. */
  readonly url: string;
  /** The same with the token, as the runtime prints it. */
  readonly trusted: string;
}

/** Starts a runtime with these functions. The import of `hopper` is added to each. */
export async function startPaged(
  functions: Record<string, string>,
  options: Pick<HopperOptions, "config"> = {},
): Promise<Paged> {
  await using stack = new AsyncDisposableStack();
  const node = stack.use(await startEmbeddedNode());
  const address = `127.0.0.1:${freePort()}`;
  const hopper = stack.use(
    await startHopper({
      functions: Object.fromEntries(Object.entries(functions).map(([name, text]) => [name, sourceOf(text)])),
      broker: node.url,
      args: ["--admin", address],
      ...options,
    }),
  );
  const { token } = JSON.parse(await Deno.readTextFile(`${hopper.dir}/.hopper/admin.json`));
  const all = stack.move();
  return {
    hopper,
    broker: node.url,
    url: `http://${address}/`,
    trusted: `http://${address}/?token=${token}`,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A function's file. */
export function sourceOf(text: string): string {
  return `import { fanout, headers, queue, Reject, rpc, topic } from "hopper";\n${text}`;
}
