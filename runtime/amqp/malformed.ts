/** The bytes are not valid AMQP. */
export class Malformed extends Error {}
