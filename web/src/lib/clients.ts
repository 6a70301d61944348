import type { Catalogue } from "@/i18n/en";

/** What to do with a link in one client. */
export interface HowTo {
  text: string;
  /** To paste; the link itself where nothing more is needed. */
  code: string;
}

/** A program that can be connected. */
export interface ClientKind {
  /** The label in its link, and the name of its app. */
  id: string;
  name: string;
  /** It calls from the network of whoever makes it, so that an address on this machine is none for it. */
  remote?: true;
  /** How to let it in by sign-in, where that is known: what to do, and a command that does it. */
  signIn?: { steps: (t: Catalogue) => string[]; command?: (address: string) => string };
  how: (t: Catalogue, urls: { http: string; sse: string }) => HowTo[];
  /** An address that the client itself opens to take the link. */
  install?: (http: string) => string;
}

const json = (value: unknown) => JSON.stringify(value, null, 2);
/** For a POSIX shell; addresses hold nothing that a shell would read, and this keeps it so. */
const quoted = (text: string) => (/^[\w:/.%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export const CLIENTS: ClientKind[] = [
  {
    id: "claude",
    name: "Claude (web, Desktop)",
    remote: true,
    signIn: { steps: (t) => t.connect.signIn.claudeSteps },
    how: (t, { http }) => [{ text: t.connect.how.connectors, code: http }],
  },
  {
    id: "claude-code",
    name: "Claude Code",
    signIn: {
      steps: (t) => t.connect.signIn.codeSteps,
      command: (address) => `claude mcp add --scope user --transport http memory ${quoted(address)}`,
    },
    how: (t, { http }) => [{ text: t.connect.how.command, code: `claude mcp add --transport http --scope user memory ${quoted(http)}` }],
  },
  {
    id: "chatgpt",
    name: "ChatGPT",
    remote: true,
    signIn: { steps: (t) => t.connect.signIn.chatgptSteps },
    how: (t, { http }) => [{ text: t.connect.how.chatgpt, code: http }],
  },
  {
    id: "cursor",
    name: "Cursor",
    install: (http) =>
      `cursor://anysphere.cursor-deeplink/mcp/install?name=memory&config=${encodeURIComponent(btoa(JSON.stringify({ url: http })))}`,
    how: (t, { http }) => [{ text: t.connect.how.file("~/.cursor/mcp.json"), code: json({ mcpServers: { memory: { url: http } } }) }],
  },
  {
    id: "vscode",
    name: "VS Code",
    install: (http) => `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: "memory", type: "http", url: http }))}`,
    how: (t, { http }) => [
      { text: t.connect.how.vscode, code: `code --add-mcp '${JSON.stringify({ name: "memory", type: "http", url: http })}'` },
      { text: t.connect.how.vscodeUser, code: json({ servers: { memory: { type: "http", url: http } } }) },
    ],
  },
  {
    id: "windsurf",
    name: "Windsurf",
    how: (t, { http }) => [
      { text: t.connect.how.file("~/.codeium/windsurf/mcp_config.json"), code: json({ mcpServers: { memory: { serverUrl: http } } }) },
    ],
  },
  {
    id: "cline",
    name: "Cline",
    how: (t, { http }) => [
      {
        text: t.connect.how.file("cline_mcp_settings.json"),
        code: json({ mcpServers: { memory: { type: "streamableHttp", url: http } } }),
      },
    ],
  },
  {
    id: "codex",
    name: "Codex",
    how: (t, { http }) => [
      { text: t.connect.how.command, code: `codex mcp add memory --url ${quoted(http)}` },
      { text: t.connect.how.file("~/.codex/config.toml"), code: `[mcp_servers.memory]\nurl = "${http}"` },
    ],
  },
  {
    id: "gemini-cli",
    name: "Gemini CLI",
    how: (t, { http }) => [
      { text: t.connect.how.command, code: `gemini mcp add --transport http --scope user memory ${quoted(http)}` },
      { text: t.connect.how.file("~/.gemini/settings.json"), code: json({ mcpServers: { memory: { httpUrl: http } } }) },
    ],
  },
];

/** Any client that is not in the list, under a name of the user's own. */
export const otherClient = (name: string): ClientKind => ({
  id: name,
  name,
  how: (t, { http, sse }) => [
    { text: t.connect.how.other, code: http },
    { text: t.connect.linkSse, code: sse },
    { text: t.connect.how.config, code: json({ mcpServers: { memory: { type: "http", url: http } } }) },
  ],
});

/** Whether an address can be reached from the internet: a first look, not a proof. */
export const isPublic = (base: string) => base.startsWith("https://") && !/^https:\/\/(localhost|127\.|\[::1\])/.test(base);

/** The command that connects what is installed on the computer that it runs on. */
export const connectCommand = (base: string) =>
  isPublic(base) ? `jmem login --url ${quoted(base)} && jmem connect all --url ${quoted(base)}` : "jmem connect all";

/** The address of clients that are let in by sign-in: one for all of them, and no secret. */
export const signInAddress = (base: string) => `${base}/mcp`;

/** What the server takes as a client's label. */
export const fitsAsLabel = (label: string) => /^[\p{L}\p{N} ._-]{1,100}$/u.test(label.trim());

/** The name of a client as people know it: apps and links carry its label. */
export const nameOf = (label: string) => CLIENTS.find((client) => client.id === label)?.name ?? label;

/** Names that the server knows to be borrowed: what people call them, and where they are at home. */
const BORROWED: Record<string, [name: string, host: string]> = {
  claude: ["Claude", "claude.ai"],
  anthropic: ["Anthropic", "anthropic.com"],
  chatgpt: ["ChatGPT", "chatgpt.com"],
  openai: ["OpenAI", "openai.com"],
  cursor: ["Cursor", "cursor.com"],
  vscode: ["VS Code", "vscode.dev"],
  copilot: ["Copilot", "github.com"],
  gemini: ["Gemini", "google.com"],
  jonathansmemory: ["Jonathan’s Memory", ""],
};

/** A name that a client bears without being at home where its owner is, and where that is. */
export const borrowed = (word: string): [name: string, host: string] => BORROWED[word] ?? [word, ""];
