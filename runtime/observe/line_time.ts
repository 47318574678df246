/**
 * How a line's time is written: the local time of day, for a terminal; with its date, for a file; or as in
 * `Date.toISOString()`, for programs.
 */
export type TimeForm = "time" | "date" | "iso";

/** The text of a time, given in milliseconds since 1970, as a line begins with it. */
export type LineTime = (now: number) => string;

/** Writes the times of lines. What lines of the same second share is computed once. */
export function lineTime(form: TimeForm): LineTime {
  let second = NaN;
  let text = "";
  return (now) => {
    const ms = now % 1000;
    if (now - ms !== second) [second, text] = [now - ms, ofSecond(form, new Date(now - ms))];
    return form === "iso" ? `${text}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z` : text;
  };
}

function ofSecond(form: TimeForm, date: Date): string {
  if (form === "iso") return date.toISOString().slice(0, -4);
  const time = date.toTimeString().slice(0, 8);
  if (form === "time") return time;
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => `${part}`.padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day} ${time}`;
}
