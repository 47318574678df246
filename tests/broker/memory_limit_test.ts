import assert from "node:assert/strict";
import { memoryShare } from "../../runtime/broker/memory_limit.ts";

const MB = 2 ** 20, GB = 2 ** 30;

function machine(total: number, files: Record<string, string>) {
  return {
    total: () => total,
    read(path: string) {
      const text = files[path];
      if (text === undefined) throw new Deno.errors.NotFound(path);
      return text;
    },
  };
}

Deno.test("The memory limit is a share of the machine's memory, and 2 GiB at most", () => {
  assert.equal(memoryShare(0.5, machine(GB, {})), 512 * MB);
  assert.equal(memoryShare(0.5, machine(64 * GB, {})), 2 * GB);
});

Deno.test("The memory limit follows the control group with the least memory, also further up", () => {
  const files = {
    "/proc/self/cgroup": "0::/system.slice/hopper.service\n",
    "/sys/fs/cgroup/system.slice/memory.max": `${600 * MB}\n`,
    "/sys/fs/cgroup/system.slice/hopper.service/memory.max": "max\n",
  };
  assert.equal(memoryShare(0.5, machine(64 * GB, files)), 300 * MB);
});

Deno.test("In a container the memory limit is read at the root of the control groups", () => {
  const files = {
    "/proc/self/cgroup": "0::/docker/0123abcd\n",
    "/sys/fs/cgroup/memory.max": `${600 * MB}\n`,
  };
  assert.equal(memoryShare(0.5, machine(64 * GB, files)), 300 * MB);
});

Deno.test("The memory limit is read from control groups of version 1", () => {
  const files = {
    "/proc/self/cgroup": "8:pids:/x\n4:cpu,memory:/docker/ab\n0::/\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "/sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes": `${600 * MB}\n`,
  };
  assert.equal(memoryShare(0.5, machine(64 * GB, files)), 300 * MB);
});

Deno.test("A control group that cannot be read sets no memory limit", () => {
  const denied = {
    total: () => {
      throw new Deno.errors.NotCapable();
    },
    read: () => {
      throw new Deno.errors.NotCapable();
    },
  };
  assert.equal(memoryShare(0.5, denied), 2 * GB);
});

Deno.test("A memory limit is found on this machine", () => {
  const share = memoryShare(0.4);
  assert.ok(share > 0 && share <= 2 * GB, `${share}`);
});
