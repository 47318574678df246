/** Hopper's client: its calls and its confirmed messages. */
import { connect } from "../../../runtime/client/mod.ts";
import { bytes, callFromTasks, fromTasks, job, keepOutstanding, perform, text } from "./kit.ts";

const hopper = await connect(job.url);
await perform({
  call: () => {
    const input = text();
    return callFromTasks(() => hopper.call(job.queue, input));
  },
  publish: () => {
    const body = bytes();
    if (job.tasks) return fromTasks(() => hopper.send(job.queue, body));
    keepOutstanding((confirmed) => hopper.send(job.queue, body).then(confirmed));
  },
});
