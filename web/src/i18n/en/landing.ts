export const landing = {
  title: "One memory for all your AI clients",
  lead: "Tell Claude once; Cursor, ChatGPT and every other MCP client know it too. You see every memory, who wrote it, who read it, and you can change or erase any of it.",
  start: "Create your memory",
  features: [
    [
      "One link per client",
      "Each client gets a connection link of its own. Pause it, rotate it or revoke it without touching the others; a revoked client is refused at once.",
    ],
    [
      "Nothing behind your back",
      "Every memory shows its origin, its history and everyone who read it. Undo a change, archive what is old, delete what is wrong.",
    ],
    ["Found by meaning and by words", "Search runs over everything you have, and every result explains its rank."],
    ["Yours to take along", "Export all of it in one file. Import from OpenMemory, mem0 and others. Delete the account, and it is gone."],
  ] as [string, string][],
  protectTitle: "How it protects you",
  protect: [
    "Your memories belong to you alone: the wall between accounts is held by every query, and on Postgres by the database as well.",
    "The secrets of your clients are stored as keyed hashes. They are shown once, and never written to a log.",
    "What is remembered is handed to clients as data, marked as such, never as instructions.",
    "This page runs no script and loads no picture from anywhere else. There is no tracking.",
  ],
  works: "Works with",
  illustration: "Example",
  example: {
    said: "I moved to Lisbon, and I don’t eat peanuts.",
    asked: "Where should we have dinner?",
    answered: "Somewhere in Lisbon without peanuts.",
    you: "You, in Claude",
    later: "Days later, in Cursor",
    remembered: "Remembered",
    found: "Found",
  },
};
