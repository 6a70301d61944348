import { useMemo } from "react";

import { useT } from "@/i18n";
import { dateAlone } from "@/lib/days";
import { useFormat } from "@/lib/format";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const MICROS = 1_000_000;

/** Amounts of data and of money in the reader's language, and months. */
export function useAmounts() {
  const { language } = useT();
  const format = useFormat();
  return useMemo(() => {
    const locale = language === "zh" ? "zh-CN" : "en";
    const month = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", timeZone: "UTC" });
    const currency = (code: string, options: Intl.NumberFormatOptions = {}) =>
      new Intl.NumberFormat(locale, { style: "currency", currency: code, ...options });
    return {
      bytes(count: number): string {
        const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
        // Few enough to be counted, they are named in full.
        const unitDisplay = step === 0 ? "long" : "short";
        const unit = new Intl.NumberFormat(locale, { style: "unit", unit: UNITS[step], unitDisplay, maximumFractionDigits: 1 });
        return unit.format(count / 1000 ** step);
      },
      /** What is to be paid. */
      money: (micros: number, code: string) => currency(code).format(micros / MICROS),
      /** The price of little things, or of few. */
      price: (micros: number, code: string) => currency(code, { maximumFractionDigits: 6 }).format(micros / MICROS),
      /** "November 2026", of `2026-11`. */
      month: (text: string) => month.format(new Date(`${text}-01T00:00:00Z`)),
      /** The day of a moment; midnight UTC is a date alone. */
      on: (moment: string) => (dateAlone(moment) ? format.happened(moment) : format.day(moment)),
    };
  }, [language, format]);
}
