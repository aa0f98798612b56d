// Prints what this Node's Intl writes for the cases of test_formats.py, as JSON.
const READERS = [
  ["en", "latin", "latn"],
  ["ar", "arabic", "arab"],
  ["ar", "latin", "latn"],
  ["fa", "persian", "arabext"],
  ["fa", "latin", "latn"],
];
const CALENDARS = { gregorian: "gregory", hijri: "islamic-umalqura", jalali: "persian" };
const NUMBERS = [0, 7, -7, 1234, -1234, 1234567, 864200, 0.5, -1234.25];
const PERCENTS = [0, 420, 3800, -1250, 10000];
const MONEY = [
  [0, "SAR", 2], [123450, "SAR", 2], [-123450, "SAR", 2], [1234567, "KWD", 3], [-1, "BHD", 3], [1234, "JPY", 0],
  [999, "USD", 2], [-5000, "EUR", 2], [50, "AED", 2], [41290000, "EGP", 2], [7, "OMR", 3],
];
const DAY = 86_400_000;
const utc = (year, month, day, hour = 0, minute = 0) => Date.UTC(year, month - 1, day, hour, minute);
const LEAPS = [utc(2024, 2, 29), utc(2025, 3, 20), utc(2025, 3, 21), utc(2026, 3, 20), utc(2026, 3, 21), utc(2026, 2, 18)];
const DAYS = [...Array.from({ length: 24 }, (_, i) => utc(1999, 5, 1) + i * 457 * DAY), ...LEAPS];
const TIMES = [utc(2026, 3, 20), utc(2026, 3, 20, 9, 5), utc(2026, 3, 20, 12, 30), utc(2026, 3, 20, 23, 59)];

function reader([locale, digits, nu]) {
  const number = (value, options) => new Intl.NumberFormat(`${locale}-u-nu-${nu}`, options).format(value);
  const moment = (ms, ca, options) =>
    new Intl.DateTimeFormat(`${locale}-u-nu-${nu}-ca-${ca}`, { timeZone: "UTC", ...options }).format(ms);
  const dates = (options) => Object.entries(CALENDARS).map(([name, ca]) => [name, DAYS.map((ms) => [ms, moment(ms, ca, options)])]);
  return {
    locale,
    digits,
    numbers: NUMBERS.map((value) => [String(value), number(value)]),
    signed: [5, -5, 0].map((value) => [value, number(value, { signDisplay: "exceptZero" })]),
    percents: PERCENTS.map((bp) => [bp, number(bp / 10000, { style: "percent", minimumFractionDigits: 1 })]),
    money: MONEY.map(([minor, currency, exponent]) => [
      minor, currency, number(minor / 10 ** exponent, { style: "currency", currency }),
    ]),
    long: Object.fromEntries(dates({ year: "numeric", month: "long", day: "numeric" })),
    day: Object.fromEntries(dates({ month: "short", day: "numeric" })),
    times: TIMES.map((ms) => [ms, moment(ms, "gregory", { hour: "numeric", minute: "2-digit" })]),
  };
}

// Every day of thirty years as year-month-day in the two calendars that need tables.
function everyDay(calendar) {
  const format = new Intl.DateTimeFormat(`en-u-ca-${CALENDARS[calendar]}`, {
    timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric",
  });
  const days = [];
  for (let ms = utc(1999, 5, 1); ms < utc(2029, 5, 1); ms += DAY) {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    days.push([part.year, part.month, part.day].map(Number));
  }
  return days;
}

const answer = process.argv[2] === "days"
  ? { hijri: everyDay("hijri"), jalali: everyDay("jalali") }
  : { cldr: process.versions.cldr, readers: READERS.map(reader) };
process.stdout.write(JSON.stringify(answer, null, process.argv[2] === "days" ? 0 : 1) + "\n");
