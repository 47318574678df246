import { queue } from "hopper";

// A durable work queue. Each worker does one task at a time, and works one second for each dot in its text.
export default queue("task_queue", { prefetch: 1, timeout: "5m" }, async (task: string, { log }) => {
  log.info(`Received ${task}`);
  const dots = String(task).split(".").length - 1;
  await new Promise((resolve) => setTimeout(resolve, dots * 1000));
  log.info(`Done ${task}`);
});
