import type { Hopper } from "./hopper.ts";
import type { TcpProxy } from "./tcp_proxy.ts";

const consumers = { connection: "consumers" };

/** Waits until the runtime's consumers are attached, cuts their connection, and waits until the runtime has noticed. */
export async function cutLink(proxy: TcpProxy, hopper: Hopper): Promise<void> {
  const cuts = hopper.logged("disconnected", consumers).length;
  await hopper.events("connected", cuts + 1, consumers);
  await hopper.events("attached", cuts + 1);
  proxy.cut();
  proxy.heal();
  await hopper.events("disconnected", cuts + 1, consumers);
}
