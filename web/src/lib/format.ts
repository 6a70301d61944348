import { useMemo } from "react";

import { useT } from "@/i18n";

import { dateAlone, daysFromToday } from "./days";

/** Times come as RFC 3339 or as seconds since 1970. */
type Moment = string | number;

function date(moment: Moment): Date {
  return new Date(typeof moment === "number" ? moment * 1000 : moment);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function useFormat() {
  const { language } = useT();
  return useMemo(() => {
    const locale = language === "zh" ? "zh-CN" : "en";
    const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
    const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
    // A date alone is the same everywhere.
    const alone = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    const number = new Intl.NumberFormat(locale);
    const mean = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    const percent = new Intl.NumberFormat(locale, { style: "percent" });
    return {
      full: (moment: Moment) => full.format(date(moment)),
      day: (moment: Moment) => day.format(date(moment)),
      time: (moment: Moment) => time.format(date(moment)),
      /** When something happened: with its time of day, where it has one. */
      happened: (moment: string) => (dateAlone(moment) ? alone : full).format(date(moment)),
      /** The same in few words: "yesterday", "Oct 3, 2026". */
      happenedOn(moment: string): string {
        const only = dateAlone(moment);
        if (!only) return day.format(date(moment));
        const days = daysFromToday(only, new Date());
        return Math.abs(days) <= 1 ? relative.format(days, "day") : alone.format(date(moment));
      },
      number: (value: number) => number.format(value),
      mean: (value: number) => mean.format(value),
      percent: (part: number) => percent.format(part),
      /** How likely something is. What is almost certain, or almost not so, is not rounded to it. */
      chance: (part: number) =>
        part < 0.01 ? `<${percent.format(0.01)}` : part > 0.99 && part < 1 ? `>${percent.format(0.99)}` : percent.format(part),
      /** A part of an explanation. */
      part: (value: number) => value.toFixed(2),
      /** "5 minutes ago" within a week, the day before that. */
      ago(moment: Moment): string {
        const seconds = (date(moment).getTime() - Date.now()) / 1000;
        if (Math.abs(seconds) > 7 * 86_400) return day.format(date(moment));
        const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
        return relative.format(Math.round(seconds / size), unit);
      },
    };
  }, [language]);
}
