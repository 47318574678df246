// A longer line is cut; what a process writes without an end shall not pile up here.
const longestLine = 8 * 1024;

/** Hands over a stream's lines but the blank ones, until it ends. */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let skipping = false;
  const take = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (!skipping && line.trim() !== "") onLine(line.slice(0, longestLine));
      skipping = false;
    }
    if (rest.length > longestLine) {
      if (!skipping) onLine(rest.slice(0, longestLine));
      skipping = true;
      rest = "";
    }
  };
  try {
    for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
  } catch {
    // The process is gone, and what it had not written with it.
  }
  if (rest.trim() !== "" && !skipping) onLine(rest);
}
