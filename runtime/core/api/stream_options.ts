/**
 * Where a function that reads a stream begins when it runs for the first time: at the first or last message that is
 * there, at the next one that is published, at an offset, or at the first message that was published at a time or later.
 * Afterwards it goes on where it was.
 */
export type StreamStart = "first" | "last" | "next" | number | Date | string;
