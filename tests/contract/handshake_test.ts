import assert from "node:assert/strict";
import { contract, refused, type Session } from "../support/contract.ts";
import type { ConnectOptions, WireConnection } from "../support/wire_connection.ts";
import {
  concat,
  encodeFrame,
  HEARTBEAT,
  methodFrame,
  PROTOCOL_HEADER,
  WireSocket,
  within,
} from "../support/wire_client.ts";
import { decodeMethod, type Method } from "../support/wire_methods.ts";
import { Writer } from "../support/wire_fields.ts";

const EMPTY_TABLE_SIZE = 4;

async function nextMethod(socket: WireSocket): Promise<Method | undefined> {
  const frame = await within(socket.frame(), "a method of the handshake");
  return frame && decodeMethod(frame.payload);
}

/** A socket after the login, to which the server has sent tune. */
async function tuned(broker: Session): Promise<WireSocket> {
  const socket = await WireSocket.open(broker.address);
  await socket.write(PROTOCOL_HEADER);
  await nextMethod(socket);
  await socket.write(methodFrame(0, "connection.start-ok", {
    mechanism: "PLAIN",
    response: "\0guest\0guest",
    locale: "en_US",
  }));
  await nextMethod(socket);
  return socket;
}

contract(
  "The server's start has version 0-9, its mechanisms, its locale and its capabilities",
  async (broker) => {
    using socket = await WireSocket.open(broker.address);
    await socket.write(PROTOCOL_HEADER);
    const start = await nextMethod(socket);
    const { major, minor, mechanisms, locales, serverProperties } = start!.args as Record<string, unknown>;
    assert.deepEqual([start!.name, major, minor, locales], ["connection.start", 0, 9, "en_US"]);
    assert.deepEqual((mechanisms as string).split(" ").sort(), broker.expected.mechanisms);
    assert.deepEqual((serverProperties as Record<string, unknown>).capabilities, {
      publisher_confirms: true,
      exchange_exchange_bindings: true,
      "basic.nack": true,
      consumer_cancel_notify: true,
      "connection.blocked": true,
      consumer_priorities: true,
      authentication_failure_close: true,
      per_consumer_qos: true,
      direct_reply_to: true,
    });
  },
);

contract("The server sends its name and version", async (broker) => {
  const connection = await broker.connect();
  for (const name of ["product", "version", "platform", "copyright", "information", "cluster_name"]) {
    assert.equal(typeof connection.serverProperties[name], "string", name);
  }
});

contract(
  "The server's tune offers 2047 channels, frames of 131072 bytes and a heartbeat of 60 s",
  async (broker) => {
    using socket = await WireSocket.open(broker.address);
    await socket.write(PROTOCOL_HEADER);
    await nextMethod(socket);
    await socket.write(methodFrame(0, "connection.start-ok", {
      mechanism: "PLAIN",
      response: "\0guest\0guest",
      locale: "en_US",
    }));
    assert.deepEqual((await nextMethod(socket))?.args, {
      channelMax: 2047,
      frameMax: 131_072,
      heartbeat: 60,
    });
  },
);

for (
  const [what, bytes] of [
    ["version 1.0 of AMQP", Uint8Array.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0])],
    ["HTTP", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
    ["zeros", new Uint8Array(8)],
  ] as const
) {
  contract(
    `The server answers ${what} with the protocol header that it supports, and closes`,
    async (broker) => {
      using socket = await WireSocket.open(broker.address);
      await socket.write(bytes);
      const answer = await within(socket.drain(), "the server to close");
      assert.deepEqual([...answer], broker.expected.protocolHeader);
    },
  );
}

contract("The server answers another version of AMQP 0-9 with its own protocol header", async (broker) => {
  using socket = await WireSocket.open(broker.address);
  await socket.write(Uint8Array.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 2]));
  assert.deepEqual(await within(socket.drain(), "the server to close"), PROTOCOL_HEADER);
});

contract("The mechanism AMQPLAIN takes user and password as a table without its length", async (broker) => {
  const response = new Writer().table({ LOGIN: "guest", PASSWORD: "guest" }).bytes.subarray(EMPTY_TABLE_SIZE);
  const connection = await broker.connect({ mechanism: "AMQPLAIN", response });
  await connection.channel();
});

for (
  const [mechanism, response] of [
    ["PLAIN", "\0guest\0wrong"],
    ["PLAIN", "\0nobody\0guest"],
    ["AMQPLAIN", new Writer().table({ LOGIN: "guest", PASSWORD: "wrong" }).bytes.subarray(EMPTY_TABLE_SIZE)],
  ] as const
) {
  contract(`A wrong login by ${mechanism} (${JSON.stringify(response)}) is refused`, async (broker) => {
    await refused(
      broker.connect({ mechanism, response }),
      403,
      `ACCESS_REFUSED - Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
      { scope: "connection", by: "none" },
    );
  });
}

contract(
  "After an error before the connection is open the server closes the socket without a reason",
  async (broker) => {
    const attempts: ConnectOptions[] = [
      { password: "wrong", capabilities: {} },
      { mechanism: "KERBEROS" },
      { response: "guest guest" },
      { response: "" },
      { mechanism: "AMQPLAIN", response: "guest" },
      { frameMax: 0 },
      { frameMax: 4095 },
      { frameMax: 131_073 },
      { channelMax: 0 },
      { channelMax: 2048 },
    ];
    await Promise.all(attempts.map(async (options) => {
      await assert.rejects(
        broker.connect(options),
        { message: "The broker closed the socket" },
        JSON.stringify(options),
      );
    }));
  },
);

for (const vhost of ["nosuch", "", "//"]) {
  contract(`The missing virtual host '${vhost}' is refused`, async (broker) => {
    await refused(broker.connect({ vhost }), 530, `NOT_ALLOWED - vhost ${vhost} not found`);
  });
}

contract("The smallest frames and a single channel are accepted", async (broker) => {
  const connection = await broker.connect({ frameMax: broker.expected.smallestFrame, channelMax: 1 });
  await connection.channel();
});

contract("The server sends heartbeats, and drops a client that sends none", async (broker) => {
  const [silent, alive] = [await broker.connect({ heartbeat: 1 }), await broker.connect({ heartbeat: 1 })];
  const answering = answerHeartbeats(alive);
  assert.equal((await silent.inbox.take(() => true, "a heartbeat")).name, "heartbeat");
  await assert.rejects(silent.refused(), { message: "The broker closed the socket" });
  await (await alive.channel()).call("basic.qos");
  await alive.close();
  await answering;
});

/** Answers each heartbeat until the connection closes. */
async function answerHeartbeats({ inbox, socket }: WireConnection): Promise<void> {
  try {
    for (;;) {
      await inbox.take(({ name }) => name === "heartbeat", "a heartbeat");
      await socket.write(encodeFrame(HEARTBEAT, 0, new Uint8Array(0)));
    }
  } catch {
    return;
  }
}

contract("The handshake may arrive in single bytes", async (broker) => {
  using socket = await WireSocket.open(broker.address);
  for (const byte of PROTOCOL_HEADER) await socket.write(Uint8Array.of(byte));
  assert.equal((await nextMethod(socket))?.name, "connection.start");
});

contract("After connection.close the server reads and ignores what the client sends", async (broker) => {
  using socket = await tuned(broker);
  await socket.write(concat([
    methodFrame(0, "connection.tune-ok", {
      channelMax: 10,
      frameMax: broker.expected.smallestFrame,
      heartbeat: 0,
    }),
    methodFrame(0, "connection.open", { virtualHost: "/" }),
    methodFrame(0, "connection.close", { code: 200, text: "Goodbye" }),
    methodFrame(1, "channel.open"),
  ]));
  assert.equal((await nextMethod(socket))?.name, "connection.open-ok");
  assert.equal((await nextMethod(socket))?.name, "connection.close-ok");
  await socket.write(methodFrame(1, "basic.qos"));
});

contract("The method access.request of older clients is granted", async (broker) => {
  const channel = await broker.channel();
  assert.deepEqual(await channel.call("access.request", { realm: "/data", active: true }), { ticket: 1 });
});

contract(
  "The server drops a client that does not answer a frame error or a refused login within 3 s",
  async (broker) => {
    const refusedAt = async (socket: WireSocket, bytes: Uint8Array) => {
      await socket.write(bytes);
      assert.equal((await nextMethod(socket))?.name, "connection.close");
      const start = performance.now();
      assert.deepEqual(await within(socket.drain(), "the broker to hang up"), new Uint8Array(0));
      return performance.now() - start;
    };
    using broken = await tuned(broker);
    await broken.write(concat([
      methodFrame(0, "connection.tune-ok", {
        channelMax: 10,
        frameMax: broker.expected.smallestFrame,
        heartbeat: 0,
      }),
      methodFrame(0, "connection.open", { virtualHost: "/" }),
    ]));
    assert.equal((await nextMethod(broken))?.name, "connection.open-ok");
    using stranger = await WireSocket.open(broker.address);
    await stranger.write(PROTOCOL_HEADER);
    await nextMethod(stranger);
    const took = await Promise.all([
      refusedAt(broken, Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0)),
      refusedAt(
        stranger,
        methodFrame(0, "connection.start-ok", {
          clientProperties: { capabilities: { authentication_failure_close: true } },
          mechanism: "PLAIN",
          response: "\0guest\0wrong",
          locale: "en_US",
        }),
      ),
    ]);
    // 3 s, plus the delay of a busy machine.
    for (const milliseconds of took) assert.ok(milliseconds < 5_000, `It took ${milliseconds} ms`);
  },
);
