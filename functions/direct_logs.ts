import { direct } from "hopper";

// Gets only warnings and errors. `info` goes to the same exchange, but is not delivered here.
export default direct(
  "direct_logs",
  ["warning", "error"],
  { durable: false },
  (line: string, { message, log }) => {
    log.info(`${message.routingKey}: ${line}`);
  },
);
