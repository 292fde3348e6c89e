const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// The three forms every recipient has to read (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT",
// "Sunday, 06-Nov-94 08:49:37 GMT" and "Sun Nov  6 08:49:37 1994".
const usual =
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/;
const rfc850 =
  /^[A-Z][a-z]+day, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/;
const asctime =
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/;

/**
 * The date of an HTTP header in epoch milliseconds; undefined when the text is no such date.
 * Date.parse is not used: it also takes "1.5" or "3 Nov" for a date, in the machine's own zone.
 */
export function parseHttpDate(text: string): number | undefined {
  const parts = (usual.exec(text) ?? rfc850.exec(text) ?? asctime.exec(text))?.groups;
  if (!parts) return undefined;
  const { day = '', month = '', year = '', time = '' } = parts;
  const monthNumber = String(months.indexOf(month) + 1).padStart(2, '0');
  const iso = `${fullYear(year)}-${monthNumber}-${day.trim().padStart(2, '0')}T${time}`;
  const date = new Date(`${iso}Z`);
  // A day that does not exist rolls over to the next month and then does not read back unchanged.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 19) !== iso) return undefined;
  return date.getTime();
}

// Two digits came out of use in the 1990s; the servers that still send them mean this century.
function fullYear(year: string): string {
  return year.length === 2 ? `20${year}` : year;
}
