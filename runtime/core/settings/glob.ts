/** Whether a function's name fits a name or glob of deploy.config.ts; `*` is any run of characters, dots included. */
export function globMatches(glob: string, name: string): boolean {
  const [first = "", ...rest] = glob.split("*");
  const last = rest.pop();
  if (last === undefined) return glob === name;
  if (!name.startsWith(first)) return false;
  // Each part where it comes first: that leaves the most to those after it.
  let end = first.length;
  for (const part of rest) {
    const start = name.indexOf(part, end);
    if (start < 0) return false;
    end = start + part.length;
  }
  return name.length - last.length >= end && name.endsWith(last);
}
