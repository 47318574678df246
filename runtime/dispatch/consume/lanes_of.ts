import type { Sharding } from "../../core/settings/shard_settings.ts";
import { LatestLanes } from "./latest_lanes.ts";
import { LimitedLanes } from "./limited_lanes.ts";
import type { Lanes } from "./lanes.ts";
import type { Slots } from "./slots.ts";

/** What the messages of one key wait in. */
export function lanesOf({ latest, limit }: Sharding, slots: Slots): Lanes {
  return latest === undefined ? new LimitedLanes(slots, limit) : new LatestLanes(slots, latest);
}
