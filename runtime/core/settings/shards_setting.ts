import { whole } from "./whole_setting.ts";

/** How many queues messages are spread over by their key. */
export const shardsSchema = whole(64).default(8);
