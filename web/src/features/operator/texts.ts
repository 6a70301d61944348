import { textsOf } from "@/i18n";
import { operator as en } from "@/i18n/en/operator";
import { operator as zh } from "@/i18n/zh/operator";

export const useTexts = textsOf({ en, zh });
