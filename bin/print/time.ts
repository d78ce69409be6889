/** A moment as the reader's clock has it, ISO, to the second: `2026-11-24T01:47:13`. */
export function localTime(ms: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const at = new Date(ms);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A length of time in its two largest units: `2 d 3 h`, `5 min 10 s`, `0 s`. */
export function span(ms: number): string {
  const left = Math.max(0, ms);
  const part = (whole: number, unit: string) => (whole === 0 ? '' : ` ${whole} ${unit}`);
  const of = (large: number, name: string, small: number, smaller: string) =>
    `${Math.floor(left / large)} ${name}${part(Math.floor((left % large) / small), smaller)}`;
  if (left >= DAY_MS) return of(DAY_MS, 'd', HOUR_MS, 'h');
  if (left >= HOUR_MS) return of(HOUR_MS, 'h', MINUTE_MS, 'min');
  if (left >= MINUTE_MS) return of(MINUTE_MS, 'min', SECOND_MS, 's');
  return `${Math.floor(left / SECOND_MS)} s`;
}

/** The reader's time zone by name, for a database that counts by days. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** `age` gives a length of time in its largest unit, for columns: `3 h`, `12 min`, `40 s`. */
export function age(ms: number): string {
  return span(ms).split(' ').slice(0, 2).join(' ');
}

/** `seconds` gives a measured length of time as short as columns need it: `0.4 s`, `12 min`, `6.1 h`. */
export function seconds(ms: number): string {
  const digits = (count: number) => count.toFixed(count < 10 ? 1 : 0);
  if (ms < 100 * SECOND_MS) return `${digits(ms / SECOND_MS)} s`;
  return ms < 100 * MINUTE_MS ? `${digits(ms / MINUTE_MS)} min` : `${digits(ms / HOUR_MS)} h`;
}
