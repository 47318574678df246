/** What the broker closes in the same breath in which it opens it: amqplib has told so before anybody could listen. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AmqpConnection } from "../../runtime/link/connection.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp_proxy.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

// Frame type, channel 0, 17 bytes; connection.close; 320, "forced", no method; frame end.
const closeFrame = Buffer.from(
  "01 0000 00000011 000a0032 0140 06666f72636564 0000 0000 ce".replaceAll(" ", ""),
  "hex",
);

/** The broker's answer number `count` from now on arrives with a `connection.close` behind it. */
function closeAfterAnswer(count: number, proxy: TcpProxy): void {
  proxy.corrupt((bytes) => {
    if (count > 1) closeAfterAnswer(count - 1, proxy);
    return count > 1 ? bytes : Uint8Array.from([...bytes, ...closeFrame]);
  });
}

const listener = { onReply: () => {}, onReturn: () => {}, onEnd: () => {} };

const channels: Readonly<Record<string, [answers: number, open: (on: AmqpConnection) => Promise<unknown>]>> =
  {
    "A channel": [1, (connection) => connection.openChannel()],
    "A channel with confirms": [2, (connection) => connection.openConfirmChannel()],
    "A channel for calls": [1, (connection) => connection.openCallChannel(listener)],
    "A channel for looking into queues": [1, (connection) => connection.openInspectChannel()],
  };

for (const [what, [answers, open]] of Object.entries(channels)) {
  testOnBroker(`${what} that is closed as soon as it is open is refused`, async ({ vhost }) => {
    await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
    const connection = await AmqpConnection.open(parseAmqpUri(proxy.via(vhost.url)), "test");
    closeAfterAnswer(answers, proxy);

    await assert.rejects(open(connection), /closed as soon as it was open/);

    assert.match(await connection.closed, /forced/);
  });
}
