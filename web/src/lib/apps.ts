import type { Catalogue } from "@/i18n/en";

import { OWN_APP } from "./activity";
import { nameOf } from "./clients";

/** What an app is called wherever it is shown: a client as it calls itself, and the reader where this page wrote or looked. */
export const appName = (t: Catalogue, label: string) => (label === OWN_APP ? t.apps.you : nameOf(label));
