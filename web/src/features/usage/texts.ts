import { textsOf } from "@/i18n";
import { usage as en } from "@/i18n/en/usage";
import { usage as zh } from "@/i18n/zh/usage";

export const useTexts = textsOf({ en, zh });
