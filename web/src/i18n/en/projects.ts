export const projects = {
  title: "Projects",
  lead: "Spaces for memories that should not mix. A client can be bound to one.",
  add: "New project",
  name: "Name",
  default: "default",
  renameTitle: "Rename project",
  deleteTitle: (name: string) => `Delete “${name}”?`,
  deleteText: "Only an empty project can be deleted.",
};
