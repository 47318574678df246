/** Runs test files on one RabbitMQ node that they share. */

import { leaveOutRabbitmq, MANAGEMENT, startRabbitmq } from "./rabbitmq.ts";
import { installRelease } from "./rabbitmq_chroot.ts";
import { isInstalled, type Release } from "./rabbitmq_release.ts";
import type { denoTest, Run } from "./test_run.ts";

/**
 * Starts a node of the release, which is first installed if it runs in a chroot, and runs the files on it with
 * `test`. If there is no node, the tests that need it are left out with a notice.
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
    // Nodes that tests start themselves use the same release.
    HOPPER_TEST_RABBITMQ: release.name,
    HOPPER_TEST_AMQP_URL,
    HOPPER_TEST_RABBITMQ_HTTP,
  }, signal);
}
