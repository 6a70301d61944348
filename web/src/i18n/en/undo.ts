export const takeBack = {
  open: "Undo changes …",
  title: (name: string) => (name === "You" ? "Undo your changes" : `Undo ${name}’s changes`),
  text: "What it added is deleted and can be restored for 30 days. What it changed or deleted is again what it was before. Pause or revoke it first, so that it writes nothing more.",
  period: "Written in",
  periods: { hour: "the last hour", day: "the last 24 hours", week: "the last 7 days", ever: "all time" },
  nothing: "It wrote nothing in this time.",
  deleted: (n: number) => `${n.toLocaleString("en")} added: will be deleted`,
  restored: (n: number) => `${n.toLocaleString("en")} changed: will be what they were`,
  stays: (n: number) => `${n.toLocaleString("en")} changed by somebody else since: will stay as they are`,
  action: "Undo changes",
  done: (deleted: number, restored: number) => `${deleted} deleted, ${restored} restored`,
};
