import { queue } from "hopper";

// The simplest function: gets every message of the queue `hello`. The queue is lost when the broker restarts.
export default queue("hello", { durable: false }, (text: string, { log }) => {
  log.info(`Received ${text}`);
});
