import { whole } from "./whole_setting.ts";

/** The setting `maxPriority`: a queue's `x-max-priority`. */
export const maxPrioritySchema = whole(255);
