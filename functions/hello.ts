import { queue } from "hopper";

// The simplest thing: every message of the queue `hello`, which does not survive the broker.
export default queue("hello", { durable: false }, (text: string, { log }) => {
  log.info(`Received ${text}`);
});
