/**
 * Which RabbitMQ the tests run on: this machine's package, or the one of a later Debian release in a chroot.
 *
 * HOPPER_TEST_RABBITMQ=4.0|4.3 selects; the machine's own is the default.
 */

import { CHROOTS, commandIn as inChroot } from "./chroot.ts";

/** A RabbitMQ that can run here. */
export interface Release {
  /** The value that selects it: "4.0". Empty for this machine's own. */
  readonly name: string;
  /** Its name for people: "RabbitMQ 4.0". */
  readonly title: string;
  /** The folder of its files, which its programs see as `/`. Empty for this machine's own. */
  readonly root: string;
  /** What to do if it is missing. */
  readonly remedy: string;
  /** The Debian release that has it, and the version expected there. Missing for this machine's own. */
  readonly from?: { readonly debian: string; readonly series: string };
}

/** RabbitMQ's program, by its path. */
export const SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server";

const OWN: Release = {
  name: "",
  title: "RabbitMQ",
  root: "",
  remedy: "Debian: apt-get install rabbitmq-server",
};

const LATER: Readonly<Record<string, Release>> = {
  "4.0": later("4.0", "trixie"),
  "4.3": later("4.3", "forky"),
};

/** The release series that run in chroots. */
export const LATER_SERIES: readonly string[] = Object.keys(LATER);

function later(series: string, debian: string): Release {
  return {
    name: series,
    title: `RabbitMQ ${series}`,
    root: `${CHROOTS}/${debian}`,
    remedy: `as root: HOPPER_TEST_RABBITMQ=${series} deno task test`,
    from: { debian, series },
  };
}

/** The release that the tests run on. */
export const chosenRelease: Release = releaseNamed(Deno.env.get("HOPPER_TEST_RABBITMQ") ?? "");

/** The release of a series, or this machine's own for an empty name. */
export function releaseNamed(series: string): Release {
  const release = series === "" ? OWN : LATER[series];
  if (release !== undefined) return release;
  throw new Error(
    `HOPPER_TEST_RABBITMQ is '${series}', expected one of ${
      LATER_SERIES.join(", ")
    }, or nothing for this machine's own`,
  );
}

/** Whether its files exist, and this process may run them. */
export function isInstalled({ root, from }: Release): boolean {
  if (from !== undefined && Deno.uid() !== 0) return false;
  try {
    return Deno.statSync(`${root}${SERVER}`).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A command line that runs a program with the release's folder as its `/`. The command's process becomes the program. */
export function commandIn({ root }: Release, program: string, args: readonly string[]): [string, string[]] {
  return root === "" ? [program, [...args]] : inChroot(root, program, args);
}
