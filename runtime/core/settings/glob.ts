/** Whether a function's name matches a name or glob of deploy.config.ts. `*` is any characters, including dots. */
export function globMatches(glob: string, name: string): boolean {
  const [first = "", ...rest] = glob.split("*");
  const last = rest.pop();
  if (last === undefined) return glob === name;
  if (!name.startsWith(first)) return false;
  // Takes each part at its first place, which leaves the most room for the parts after it.
  let end = first.length;
  for (const part of rest) {
    const start = name.indexOf(part, end);
    if (start < 0) return false;
    end = start + part.length;
  }
  return name.length - last.length >= end && name.endsWith(last);
}
