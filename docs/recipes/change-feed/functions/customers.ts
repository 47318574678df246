import { topic } from "hopper";

interface Change {
  old: { id: number; name: string } | null;
  new: { id: number; name: string } | null;
}

/** Learns of every change of a customer. */
export default topic(
  "changes",
  "customer.*",
  { dedupe: { for: "1h" } },
  (change: Change, { message, log }) => {
    log.info(message.routingKey, { from: change.old?.name, to: change.new?.name });
  },
);
