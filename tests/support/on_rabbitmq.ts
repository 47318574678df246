/** Test files on one RabbitMQ node, which all of a run share. */

import { leaveOutRabbitmq, MANAGEMENT, startRabbitmq } from "./rabbitmq.ts";
import { installRelease } from "./rabbitmq_chroot.ts";
import { isInstalled, type Release } from "./rabbitmq_release.ts";
import type { denoTest, Run } from "./test_run.ts";

/**
 * Starts a node of the release, which is installed first if it runs in a chroot, and has `test` run the files on it.
 * Without one, what needs it is left out, loudly.
 */
export async function onRabbitmq(
  release: Release,
  test: typeof denoTest,
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<Run> {
  await installRelease(release);
  if (!isInstalled(release)) {
    leaveOutRabbitmq(release);
    return await test(args, env, signal);
  }
  await using node = await startRabbitmq({ plugins: MANAGEMENT, release });
  const { url: HOPPER_TEST_AMQP_URL, http: HOPPER_TEST_RABBITMQ_HTTP = "" } = node;
  return await test(args, {
    ...env,
    // The nodes that tests start themselves are of the same release.
    HOPPER_TEST_RABBITMQ: release.name,
    HOPPER_TEST_AMQP_URL,
    HOPPER_TEST_RABBITMQ_HTTP,
  }, signal);
}
