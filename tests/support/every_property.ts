/** Every message property of AMQP. */

/** All properties as amqplib's options. */
export const given = {
  contentType: "text/plain",
  contentEncoding: "utf-8",
  correlationId: "c1",
  replyTo: "answers",
  messageId: "m1",
  timestamp: 1_700_000_000,
  type: "greeting",
  appId: "shop",
  userId: "guest",
  priority: 3,
  expiration: "60000",
  persistent: true,
};

/** The same properties as a handler sees them. */
export const shown = {
  id: "m1",
  contentType: "text/plain",
  contentEncoding: "utf-8",
  correlationId: "c1",
  replyTo: "answers",
  timestamp: "2023-11-14T22:13:20.000Z",
  type: "greeting",
  appId: "shop",
  userId: "guest",
  priority: 3,
  expiration: 60_000,
  deliveryMode: 2,
};

/** Source code that takes these properties from a message. */
export const show =
  `({ id, contentType, contentEncoding, correlationId, replyTo, timestamp, type, appId, userId, priority,
  expiration, deliveryMode }) => ({ id, contentType, contentEncoding, correlationId, replyTo, timestamp, type, appId,
  userId, priority, expiration, deliveryMode })`;
