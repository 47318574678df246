/** Makes the chroots of later Debian releases, with RabbitMQ and what it needs. Takes half a minute each, as root. */

import { makeChroot } from "./chroot.ts";
import { type Release, SERVER } from "./rabbitmq_release.ts";

/**
 * Installs a release so that it can run here. Does nothing if it is there, or is the machine's own.
 *
 * @throws Error that says what is missing, with the end of what the failed command printed
 */
export async function installRelease({ title, root, from }: Release): Promise<void> {
  if (from === undefined) return;
  const { debian, series } = from;
  await makeChroot({
    title,
    root,
    debian,
    packages: ["rabbitmq-server"],
    has: SERVER,
    finish: (root) => {
      const version = versionIn(root);
      if (version.startsWith(`${series}.`)) return;
      throw new Error(`Debian ${debian} has RabbitMQ ${version} by now, and ${series} was expected`);
    },
  });
}

function versionIn(root: string): string {
  const prefix = "rabbitmq_server-";
  const names = [...Deno.readDirSync(`${root}/usr/lib/rabbitmq/lib`)].map(({ name }) => name);
  return names.find((name) => name.startsWith(prefix))?.slice(prefix.length) ?? "of unknown version";
}
