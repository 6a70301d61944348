import type { Catalogue } from "../en";

export const projects: Catalogue["projects"] = {
  title: "项目",
  lead: "不应混在一起的记忆各有空间。客户端可以限定在一个项目内。",
  add: "新建项目",
  name: "名称",
  default: "默认",
  renameTitle: "重命名项目",
  deleteTitle: (name) => `删除“${name}”？`,
  deleteText: "只能删除空项目。",
};
