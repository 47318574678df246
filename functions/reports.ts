import { headers } from "hopper";

// Gets the messages that have both headers, with any routing key.
export default headers(
  "reports",
  { all: { format: "pdf", type: "report" } },
  (_report: unknown, { message, log }) => {
    log.info(`A report of ${message.body.length} bytes`);
  },
);
