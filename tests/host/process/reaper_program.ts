/** Starts function processes as a runtime does, one of which never yields, and prints their ids. */
import { withProcesses } from "../../support/processes.ts";

const processes = await withProcesses();
const [quiet, spins] = await Promise.all([processes.start(), processes.start()]);
processes.load(spins, { "f.ts": `Deno.stdout.writeSync(new TextEncoder().encode("spins\\n")); for (;;);` });
spins.listen({
  onFrame: () => {},
  onLine: () => console.log(JSON.stringify({ pids: [quiet.pid, spins.pid], folder: processes.folder })),
});
