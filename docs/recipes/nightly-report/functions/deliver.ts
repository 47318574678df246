import { queue } from "hopper";

/** A report, as `report.ts` makes it. */
interface Report {
  from: string;
  to: string;
  count: number;
  cents: number;
}

/** Gets each report. Write it to a mail, a chat or a file here. */
export default queue("reports", ({ from, to, count, cents }: Report, { log }) => {
  log.info(`From ${from} to ${to}: ${count} orders, ${(cents / 100).toFixed(2)}`);
});
