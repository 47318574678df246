/** Bytes that are no AMQP. */
export class Malformed extends Error {}
