import { queue } from "hopper";

/** Gets each finished report. */
export default queue("report.done", (sum: { report: string; words: number }, { log }) => {
  log.info(`${sum.report} has ${sum.words} words`);
});
