import { fanout } from "hopper";

// Every running instance gets every log line, because each has its own temporary queue.
export default fanout("logs", { exclusive: true, durable: false }, (line: string, { log }) => {
  log.info(line);
});
