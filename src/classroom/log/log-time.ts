/** `2026-11-21 10:15:03.123`, in this machine's time zone. `time`: milliseconds since 1970. */
export function logTimeText(time: number): string {
  const date = new Date(time);
  const day = [digits(date.getFullYear(), 4), digits(date.getMonth() + 1, 2), digits(date.getDate(), 2)];
  const clock = [digits(date.getHours(), 2), digits(date.getMinutes(), 2), digits(date.getSeconds(), 2)];
  return `${day.join('-')} ${clock.join(':')}.${digits(date.getMilliseconds(), 3)}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}
