/** `deno task bench NAME [rounds]`: measurements that take minutes, in their own processes. */

const benches = ["batch", "broker", "consume", "deploy", "host", "observe", "steady"];

const [name, ...args] = Deno.args;
if (name === undefined || !benches.includes(name)) {
  console.error(`Usage: deno task bench ${benches.join("|")} [rounds]`);
  Deno.exit(2);
}
const bench = new URL(`${name}.ts`, import.meta.url).pathname;
const { code } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", bench, ...args] }).spawn()
  .status;
Deno.exit(code);
