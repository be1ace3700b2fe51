// A machine with auth files, notes about renewals, Codex's login and an issuer in memory that rotates refresh tokens and
// revokes a login when one is used twice.

import { heldLogin } from "../../src/credentials/held_login.ts";
import { RenewalMarks } from "../../src/credentials/renewal_marks.ts";
import type { RenewalCause, RenewalOutcome } from "../../src/credentials/renewal_plan.ts";
import { renewKey } from "../../src/credentials/renew.ts";
import type { RenewDeps } from "../../src/credentials/renewal_keep.ts";
import { SendError, type UpstreamRequest } from "../../src/system/http.ts";
import { FakeClock } from "./fake_clock.ts";
import { accessToken, loginFile, type LoginOptions } from "./logins.ts";
import { MemoryFiles } from "./memory_files.ts";

export const CODEX_FILE = "/home/ann/.codex/auth.json";
export const STATE = "/home/ann/.local/state/cdx2/refresh";

/** What one request meets in the place of its answer; `lost`: the token is rotated, the answer does not arrive. */
export type Fault = "not_sent" | "lost" | "crash" | (() => Response);

export class RenewalWorld {
  readonly files = new MemoryFiles({ "/keys/work.json": loginFile() });
  readonly clock: FakeClock;
  /** The refresh tokens that arrived, in order. */
  readonly sent: string[] = [];
  /** What the next requests meet; after the last, they are answered. */
  faults: Fault[] = [];
  /** Happens while a request is at the issuer. */
  during: () => void = () => {};
  /** How long new tokens live. */
  lifeMs = 10 * 3_600_000;
  reuses = 0;
  /** What the keyring answers, by the whole command line. */
  readonly outputs = new Map<string, string>();
  readonly #spent = new Set<string>();
  #count = 1;

  constructor(startMs?: number) {
    this.clock = new FakeClock(startMs);
  }

  deps(authDir = "/keys", over: Partial<RenewDeps["settings"]> = {}): RenewDeps {
    const { files, clock } = this;
    return {
      files,
      clock,
      processes: {
        outputOf: (command, args) => Promise.resolve(this.outputs.get([command, ...args].join(" "))),
      },
      env: {},
      homeFolder: "/home/ann",
      marks: new RenewalMarks(files, STATE),
      settings: { authDir, refresh: true, issuer: "https://auth.openai.com", shared: undefined, ...over },
      clientId: "app_test",
      randomShare: () => 0.5,
      send: (request) => this.#answer(request),
    };
  }

  renew(
    cause: RenewalCause["kind"] = "asked",
    file = "work.json",
    authDir = "/keys",
  ): Promise<RenewalOutcome> {
    const accessHash = "no such token";
    return renewKey(
      this.deps(authDir),
      file,
      cause === "refused" ? { kind: cause, accessHash } : { kind: cause },
    );
  }

  /** What the file of a key holds. */
  login(path = "/keys/work.json"): { access: string; refresh: string | undefined } {
    const login = heldLogin(this.files.text(path)!)!;
    return { access: login.accessToken.reveal(), refresh: login.refreshToken?.reveal() };
  }

  put(options: LoginOptions, path = "/keys/work.json"): void {
    this.files.put(path, loginFile(options));
  }

  /** The states of all notes. */
  get states(): Promise<readonly string[]> {
    return this.files.list(STATE).then((names) =>
      names.filter((name) => name.endsWith(".json"))
        .map((name) => JSON.parse(this.files.text(`${STATE}/${name}`)!).state).sort()
    );
  }

  async #answer({ body }: UpstreamRequest): Promise<Response> {
    const { refresh_token: token } = JSON.parse(new TextDecoder().decode(body));
    this.sent.push(token);
    this.during();
    const fault = this.faults.shift();
    if (fault === "crash") throw new Error("the program is killed");
    if (fault === "not_sent") throw new SendError("not_sent", "connection refused");
    if (typeof fault === "function") return fault();
    const isReuse = this.#spent.has(token);
    if (isReuse) this.reuses++;
    this.#spent.add(token);
    if (fault === "lost") throw new SendError("interrupted", "connection reset");
    await Promise.resolve();
    if (isReuse) return Response.json({ error: { code: "refresh_token_reused" } }, { status: 401 });
    const { lifeMs } = this;
    return Response.json({
      access_token: accessToken({ issuedAtMs: Math.floor(this.clock.nowMs() / 1000) * 1000, lifeMs }),
      refresh_token: `rt_new_${this.#count++}`,
    });
  }
}
