// @ts-check

/** `3 ms`, `1.24 s`, `2 min 03 s`, `4 h 10 min`, `3 d 2 h`. @param {number | undefined} ms */
export function duration(ms) {
  if (ms === undefined || !Number.isFinite(ms)) return "–";
  if (ms < 1) return ms <= 0 ? "0 ms" : "<1 ms";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${two(Math.floor(ms / 1_000) % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * The time of day with milliseconds, and the date if it is not today.
 *
 * @param {string | undefined} iso
 * @param {Date} [now]
 */
export function clock(iso, now = new Date()) {
  if (iso === undefined) return "–";
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const day = isSameDay(time, now) ? "" : `${months[time.getMonth()]} ${time.getDate()} `;
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${day}${parts}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** @param {Date} one @param {Date} other */
function isSameDay(one, other) {
  return one.getDate() === other.getDate() && one.getMonth() === other.getMonth() &&
    one.getFullYear() === other.getFullYear();
}

/** How long ago: `12 s ago`. @param {string | undefined} iso @param {number} [now] */
export function ago(iso, now = Date.now()) {
  if (iso === undefined) return "–";
  const ms = now - Date.parse(iso);
  if (Number.isNaN(ms)) return iso;
  if (ms < 1_000) return "now";
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `0`, `0.3`, `12`, `1.2k`. @param {number | undefined} value */
export function amount(value) {
  if (value === undefined) return "–";
  const size = Math.abs(value);
  if (size >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return size < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}

/** A change a second, with its sign: `+3.2/s`. @param {number | undefined} value */
export function change(value) {
  if (value === undefined) return "–";
  if (Math.abs(value) < 0.05) return "0";
  return `${value > 0 ? "+" : "−"}${amount(Math.abs(value))}/s`;
}

/** `0 %`, `0.4 %`, `100 %`. @param {number | undefined} share 0 to 1 */
export function percent(share) {
  if (share === undefined) return "–";
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** `12 B`, `3.4 KiB`. @param {number} value */
export function bytes(value) {
  if (value < 1024) return `${value} B`;
  if (value < 1024 ** 2) return `${(value / 1024).toFixed(1)} KiB`;
  return `${(value / 1024 ** 2).toFixed(1)} MiB`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");
