/** A value as a message quotes it, cut to `longest` characters. Never throws, whatever reading the value does. */
export function shown(value: unknown, longest = 80): string {
  const text = written(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

function written(value: unknown): string {
  switch (typeof value) {
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    case "bigint":
      return `${value}n`;
    case "number":
    case "undefined":
      return String(value);
  }
  try {
    return JSON.stringify(value) ?? "an object";
  } catch {
    return "an object";
  }
}
