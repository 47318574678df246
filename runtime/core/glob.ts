/** Whether a function's name fits a name or glob of deploy.config.ts; `*` is any run of characters, dots included. */
export function globMatches(glob: string, name: string): boolean {
  const pattern = glob.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&")).join(".*");
  return new RegExp(`^${pattern}$`, "s").test(name);
}
