import { headers } from "hopper";

// Messages that carry both headers, whatever their routing key.
export default headers(
  "reports",
  { all: { format: "pdf", type: "report" } },
  (_report: unknown, { message, log }) => {
    log.info(`A report of ${message.body.length} bytes`);
  },
);
