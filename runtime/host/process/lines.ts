// A longer line is cut, so that output without line ends does not fill the memory.
const maxLine = 8 * 1024;

/** The text, cut to the longest line. */
export function cutLine(text: string): string {
  return text.slice(0, maxLine);
}

/** Reads a stream's lines, except blank ones, until it ends or `signal` aborts. */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let skipping = false;
  const take = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (!skipping && line.trim() !== "") onLine(cutLine(line));
      skipping = false;
    }
    if (rest.length > maxLine) {
      if (!skipping) onLine(cutLine(rest));
      skipping = true;
      rest = "";
    }
  };
  const reader = stream.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", stop);
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      take(decoder.decode(read.value, { stream: true }));
    }
  } catch {
    // The process is gone.
  }
  signal?.removeEventListener("abort", stop);
  if (rest.trim() !== "" && !skipping) onLine(rest);
}
