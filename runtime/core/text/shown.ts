/** A value as messages show it, cut to `max` characters. Never throws, even if reading the value does. */
export function shown(value: unknown, max = 80): string {
  const text = written(value);
  return text.length <= max ? text : `${text.slice(0, max)}…`;
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
