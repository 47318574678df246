import { topic } from "hopper";

// Gets everything from the kernel, and everything that is critical.
export default topic(
  "topic_logs",
  ["kern.*", "*.critical"],
  { durable: false },
  (line: string, { message, log }) => {
    log.info(`${message.routingKey}: ${line}`);
  },
);
