import { fanout } from "hopper";

// Every running instance gets every log line: each has a temporary queue of its own.
export default fanout("logs", { exclusive: true, durable: false }, (line: string, { log }) => {
  log.info(line);
});
