/** Publishers that share a connection over a slow link. */

import assert from "node:assert/strict";
import { ConfirmedPublisher } from "../../runtime/link/publisher.ts";
import { Supervisor } from "../../runtime/link/supervisor.ts";
import { parseAmqpUris } from "../../runtime/link/uri.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const megabyte = 2 ** 20;

const message = (bytes: number) => ({
  exchange: "",
  routingKey: "q",
  body: new Uint8Array(bytes),
  properties: {},
});

testOnBroker("A publisher with much to send does not hold back another one", async ({ broker, vhost }) => {
  await broker.channel.assertQueue("q");
  await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
  const link = new Supervisor({
    addresses: parseAmqpUris(proxy.via(vhost.url)),
    name: "test publisher",
    role: "publisher",
    emit: () => {},
  });
  const [busy, other] = [new ConfirmedPublisher(link), new ConfirmedPublisher(link)];
  await Promise.all([busy.publish(message(1)), other.publish(message(1))]);
  proxy.delay(2);

  const confirmed: string[] = [];
  const sending = Array.from(
    { length: 40 },
    () => busy.publish(message(megabyte)).then(() => confirmed.push("busy")),
  );
  sending.push(other.publish(message(1)).then(() => confirmed.push("other")));
  await Promise.all(sending);
  await Promise.all([busy.close(), other.close()]);
  await link.close();

  assert.ok(confirmed.indexOf("other") < 35, `after ${confirmed.indexOf("other")} of 40`);
});
