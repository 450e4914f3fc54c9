// Times, money and numbers as the reader writes them, in the reader's own time zone.
import { type Language, useWords } from "./words";

export interface Times {
  /** 09:29 today, else with the day. */
  moment(at: string): string;
  clock(at: string): string;
  /** Today, yesterday, or the day's date. */
  day(at: string): string;
  /** For lists: the time today, the day before. */
  short(at: string): string;
  exact(at: string | number): string;
  /** To the second; with the day unless it is today. */
  second(at: string): string;
  /** How long something took: 35 ms, 1.2 s. */
  took(milliseconds: number): string;
  /** A day of the calendar, wherever the reader is. */
  date(day: string): string;
  /** Day and time, for what lies within the last months. */
  dayAndClock(at: string | number): string;
  money(minor: number, currency: string): string;
  percent(share: number): string;
  number(value: number): string;
}

const CLOCK = { hour: "2-digit", minute: "2-digit" } as const;
const SECOND = { ...CLOCK, second: "2-digit" } as const;
const DAY = { day: "numeric", month: "short" } as const;

export function dayOf(at: string): string {
  const local = new Date(at);
  return `${local.getFullYear()}-${local.getMonth()}-${local.getDate()}`;
}

/** The reader's own kind of a language, if the browser tells one: English writes times in two ways. */
function localeOf(language: Language): string {
  return navigator.languages.find((one) => one.startsWith(language)) ?? language;
}

export function timesIn(language: Language): Times {
  const locale = localeOf(language);
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(locale, options);
    return (at: string | number) => formatter.format(new Date(at));
  };
  const clock = format(CLOCK);
  const second = format(SECOND);
  const dayAndSecond = format({ ...DAY, ...SECOND });
  const unit = (name: "millisecond" | "second", digits: number) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, maximumFractionDigits: digits });
  const dayAndClock = format({ ...DAY, ...CLOCK });
  const date = format(DAY);
  const dateOfYear = format({ ...DAY, year: "numeric" });
  const exact = format({ dateStyle: "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const isToday = (at: string) => dayOf(at) === dayOf(new Date().toISOString());
  const longDate = (at: string) =>
    new Date(at).getFullYear() === new Date().getFullYear() ? date(at) : dateOfYear(at);
  const daysAgo = (at: string) =>
    Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  return {
    clock,
    exact,
    date: (day) => dateOfYear(`${day}T12:00:00`),
    dayAndClock,
    second: (at) => (isToday(at) ? second(at) : dayAndSecond(at)),
    took: (milliseconds) =>
      milliseconds < 1_000
        ? unit("millisecond", 0).format(milliseconds)
        : unit("second", 1).format(milliseconds / 1_000),
    moment: (at) => (isToday(at) ? clock(at) : dayAndClock(at)),
    short: (at) => (isToday(at) ? clock(at) : longDate(at)),
    day: (at) => (daysAgo(at) < 2 ? relative.format(-daysAgo(at), "day") : longDate(at)),
    money: (minor, currency) => {
      const written = new Intl.NumberFormat(locale, { style: "currency", currency });
      return written.format(minor / 10 ** (written.resolvedOptions().maximumFractionDigits ?? 2));
    },
    number: (value) => number.format(value),
    percent: (share) => percent.format(Math.floor(share * 1000) / 1000),
  };
}

const made = new Map<Language, Times>();

/** Made once for a language: a formatter costs more than drawing the line that asks for it. */
export function useTimes(): Times {
  const { language } = useWords();
  const times = made.get(language) ?? timesIn(language);
  made.set(language, times);
  return times;
}

/** +7 999 000-00-01; other countries' numbers as plain digits. */
export function phoneText(digits: string): string {
  const russian = /^7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(digits);
  if (russian) return `+7 ${russian[1]} ${russian[2]}-${russian[3]}-${russian[4]}`;
  return /^\d+$/.test(digits) ? `+${digits}` : digits;
}
