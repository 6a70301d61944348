import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";

const ROOT = join(import.meta.dirname, "../../..");
const JMEM = process.env.JMEM_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/jmem");
/** The product's own settings, should the shell have any, must not reach the server under test. */
const SETTINGS = /^(JM_|SUPABASE_|DATABASE_URL|PORT$|EMBEDDER_|OPENAI_|QDRANT_|INDEX_|LLM_)/;

/** A running `jmem serve` on a free port over an empty data directory. */
export class Jmem {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    readonly base: string,
    private readonly log: string[],
    /** The link that the first start prints, which signs its owner in once. */
    readonly invitation: Promise<string>,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Jmem> {
    const folder = await mkdtemp(join(tmpdir(), "jmem-web-"));
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.test(name)));
    const own = { JM_DATA_DIR: join(folder, "data"), PORT: "0", EMBEDDER_PROVIDER: "hash", JM__LIMITS__REGISTRATIONS_PER_HOUR: "100000" };
    const env = { ...clean, ...own, NO_COLOR: "1", ...settings };
    const child = spawn(JMEM, ["serve"], { env, stdio: ["ignore", "pipe", "pipe"] });
    const log: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
    const lines = createInterface({ input: child.stdout });
    const invitation = new Promise<string>((told) => {
      lines.on("line", (line) => {
        const link = /\S+\/start#\S+/.exec(line)?.[0];
        if (link) told(link);
      });
    });
    const base = await new Promise<string>((ready, failed) => {
      child.once("error", failed);
      child.once("exit", (code) => failed(new Error(`jmem ended with ${code}\n${log.join("\n")}`)));
      lines.on("line", (line) => {
        const address = / is ready at (\S+)$/.exec(line)?.[1];
        if (address) ready(address);
      });
    });
    return new Jmem(child, folder, env, base, log, invitation);
  }

  /** Runs a command of the operator beside the server. */
  async cli(...args: string[]): Promise<void> {
    const child = spawn(JMEM, args, { env: this.env, stdio: "ignore" });
    const code = await new Promise((ended) => child.once("exit", ended));
    if (code !== 0) throw new Error(`jmem ${args.join(" ")} ended with ${code}`);
  }

  /** A statement on its database, for what would take years to come about. */
  sql(statement: string): void {
    const database = new DatabaseSync(join(this.folder, "data", "memory.db"), { timeout: 10_000 });
    database.exec(statement);
    database.close();
  }

  /** Stops it; answers what its log complains of. */
  async stop(): Promise<string[]> {
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGTERM");
    await ended;
    await rm(this.folder, { recursive: true, force: true });
    return this.log.filter((line) => / ERROR | panicked /.test(line));
  }
}
