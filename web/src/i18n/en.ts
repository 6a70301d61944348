import { auth, welcome } from "./en/account";
import { apps } from "./en/apps";
import { authorize } from "./en/authorize";
import { common, connection, errors, losing, nav } from "./en/common";
import { connect } from "./en/connect";
import { dashboard } from "./en/dashboard";
import { landing } from "./en/landing";
import { learning } from "./en/learning";
import { held, memories } from "./en/memories";
import { memory } from "./en/memory";
import { playground } from "./en/playground";
import { projects } from "./en/projects";
import { review } from "./en/review";
import { settings } from "./en/settings";
import { takeBack } from "./en/undo";

/** All texts of the page in English; the other languages have this shape. */
export const en = {
  language: "en" as "en" | "zh",
  product: "Jonathan’s Memory",
  common,
  losing,
  connection,
  errors,
  nav,
  landing,
  auth,
  welcome,
  authorize,
  connect,
  memories,
  held,
  review,
  memory,
  apps,
  takeBack,
  projects,
  learning,
  dashboard,
  playground,
  settings,
};

export type Catalogue = typeof en;
