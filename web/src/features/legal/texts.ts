import { textsOf } from "@/i18n";
import { legal as en } from "@/i18n/en/legal";
import { legal as zh } from "@/i18n/zh/legal";

export const useTexts = textsOf({ en, zh });
