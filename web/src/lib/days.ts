/**
 * Days. A day of the calendar that belongs to no zone is a date alone, `YYYY-MM-DD`; the server keeps it as midnight UTC. A day
 * that somebody lives through begins and ends in their own zone.
 */

const two = (number: number) => String(Math.abs(number)).padStart(2, "0");

/** The zone of the reader at this moment, as RFC 3339 writes it. */
function offset(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  return `${minutes < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}

/** The first moment of a day in the reader's zone, RFC 3339. */
export function startOfDay(day: string): string {
  return `${day}T00:00:00.000000${offset(new Date(`${day}T00:00:00`))}`;
}

/** The last moment of a day in the reader's zone, RFC 3339. */
export function endOfDay(day: string): string {
  return `${day}T23:59:59.999999${offset(new Date(`${day}T23:59:59.999`))}`;
}

/** The day in the reader's zone, as a field for dates takes it. */
export function dayOf(moment: string | number | Date): string {
  const at = new Date(moment);
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The date where this is one alone, midnight UTC to the microsecond; null where it has a time of day. */
export function dateAlone(moment: string): string | null {
  return /^(\d{4}-\d{2}-\d{2})T00:00:00(?:\.0+)?(?:Z|\+00:00)$/.exec(moment)?.[1] ?? null;
}

/** How many days a date lies after today in the reader's zone. */
export function daysFromToday(date: string, now: Date): number {
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.round((Date.parse(`${date}T00:00:00Z`) - today) / 86_400_000);
}
