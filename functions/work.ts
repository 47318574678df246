import { queue } from "hopper";

// A work queue: durable, one task at a time for each worker, and a second of work for each dot.
export default queue("task_queue", { prefetch: 1, timeout: "5m" }, async (task: string, { log }) => {
  log.info(`Received ${task}`);
  const dots = String(task).split(".").length - 1;
  await new Promise((resolve) => setTimeout(resolve, dots * 1000));
  log.info(`Done ${task}`);
});
