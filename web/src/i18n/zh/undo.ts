import type { Catalogue } from "../en";

export const takeBack: Catalogue["takeBack"] = {
  open: "撤销更改……",
  title: (name) => `撤销 ${name} 的更改`,
  text: "它新增的内容会被删除，30 天内可以恢复。它修改或删除的内容会恢复原样。请先暂停或撤销它，以免继续写入。",
  period: "写入时间",
  periods: { hour: "最近一小时", day: "最近 24 小时", week: "最近 7 天", ever: "全部时间" },
  nothing: "这段时间它没有写入任何内容。",
  deleted: (n) => `新增 ${n} 条：将被删除`,
  restored: (n) => `修改 ${n} 条：将恢复原样`,
  stays: (n) => `${n} 条之后又被他人修改：保持不变`,
  action: "撤销更改",
  done: (deleted, restored) => `已删除 ${deleted} 条，已恢复 ${restored} 条`,
};
