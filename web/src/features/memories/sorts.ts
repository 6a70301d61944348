import type { Sort } from "@/routes";

/** What the server does by itself. */
export const USUAL_SORT: Sort = "created-desc";

const COLUMNS: Record<string, string> = { created: "created_at", happened: "occurred_at", updated: "updated_at" };

/** As the server asks for it. */
export function sorting(sort: Sort): { sort_column?: string; sort_direction?: string } {
  if (sort === USUAL_SORT) return {};
  const [by = "", sort_direction = ""] = sort.split("-");
  return { sort_column: COLUMNS[by] ?? "created_at", sort_direction };
}
