import { queue } from "hopper";

/** Gets what was found. */
export default queue("lookups.done", ({ id, found }: { id: string; found: unknown }, { log }) => {
  log.info(`Customer ${id}`, { found });
});
