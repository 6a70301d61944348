export const legal = {
  privacyTitle: "Privacy",
  privacy: [
    [
      "What is kept",
      "Your e-mail address, a hash of your password (where accounts are kept here), and what you and your clients store: memories with their history, the names of your clients, and who read what and when.",
    ],
    [
      "What it is used for",
      "To answer your searches and to show you what happened. Nothing else: it is not sold, not used for advertising and not used to train models.",
    ],
    [
      "Who sees it",
      "You and the clients that you connect. The operator of this server sees counts and ids, and can technically read the database that holds your data.",
    ],
    [
      "Where it goes",
      "Embeddings are made on this server unless its operator has set up a provider such as OpenAI; then the text of your memories and searches is sent there to be embedded, or to take facts from it.",
    ],
    [
      "How long",
      "Until you delete it. A deleted memory can be restored for a while where the operator has set it so; deleting the account erases everything at once. Only an audit line with ids and counts stays.",
    ],
    ["Your rights", "Export everything under Settings, correct any memory, delete any of them, or delete the account."],
  ] as [string, string][],
  termsTitle: "Terms",
  terms: [
    [
      "The service",
      "This server keeps memories for you and gives them to the clients that you connect. It is open-source software (Apache 2.0), run by whoever operates this address.",
    ],
    [
      "Your part",
      "Keep your password and your connection links to yourself: whoever has such a link can use it until you revoke it. Store nothing that you have no right to store.",
    ],
    ["No warranty", "The software comes as it is. Export what you cannot afford to lose."],
    [
      "Ending it",
      "You can delete your account at any time under Settings. The operator may end the service; export your memories when told so.",
    ],
  ] as [string, string][],
  supportTitle: "Support",
  supportLead: "Something does not work, or you have a question?",
  supportContact: "Write to",
  supportNone: "The operator of this server has not set a contact. Ask whoever gave you this address.",
  supportTell:
    "Say what you did, what you expected and what happened. If a message shows a reference, send it along. Never send a connection link or an API key.",
  supportFirst: "Quick fixes",
  supportTips: [
    "A client does not connect: open Clients, rotate its link and paste the new one.",
    "A client says that it is paused: resume it under Clients.",
    "A connection link has leaked: revoke it under Clients. It stops working at once.",
    "A memory is wrong: open it, edit it, or undo the change in its history.",
  ],
  docs: "API reference",
  licenses: "Third-party licences",
};
