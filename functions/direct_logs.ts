import { direct } from "hopper";

// Only warnings and errors; `info` is published to the same exchange and not delivered here.
export default direct(
  "direct_logs",
  ["warning", "error"],
  { durable: false },
  (line: string, { message, log }) => {
    log.info(`${message.routingKey}: ${line}`);
  },
);
