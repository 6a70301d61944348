import type { Catalogue } from "./en";
import { auth, welcome } from "./zh/account";
import { apps } from "./zh/apps";
import { authorize } from "./zh/authorize";
import { common, connection, errors, losing, nav } from "./zh/common";
import { connect } from "./zh/connect";
import { dashboard } from "./zh/dashboard";
import { landing } from "./zh/landing";
import { learning } from "./zh/learning";
import { held, memories } from "./zh/memories";
import { memory } from "./zh/memory";
import { playground } from "./zh/playground";
import { projects } from "./zh/projects";
import { review } from "./zh/review";
import { settings } from "./zh/settings";
import { takeBack } from "./zh/undo";

/** 简体中文：页面的全部文字。 */
export const zh: Catalogue = {
  language: "zh",
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
