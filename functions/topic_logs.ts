import { topic } from "hopper";

// Everything of the kernel, and whatever is critical.
export default topic(
  "topic_logs",
  ["kern.*", "*.critical"],
  { durable: false },
  (line: string, { message, log }) => {
    log.info(`${message.routingKey}: ${line}`);
  },
);
