/** Makes the chroots of later Debian releases: RabbitMQ and what it needs, half a minute each. As root. */

import { makeChroot } from "./chroot.ts";
import { type Release, SERVER } from "./rabbitmq_release.ts";

/**
 * Sees to it that a release can be run here. Does nothing for the machine's own, and where it is there already.
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
    check: (root) => {
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
