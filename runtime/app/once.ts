// A disk that is full has something to say of every file: this many are enough to know.
const maxSaid = 20;

/** Passes on each text the first time it comes; of different ones the first 20. */
export function once(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (said.size >= maxSaid || said.has(text)) return;
    said.add(text);
    say(text);
  };
}
