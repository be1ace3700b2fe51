// Machines that hold copies of one login, an engine between them, and an issuer that ends a login whose refresh token is
// used twice. A machine renews whenever its disk says that it is the home: as often as it can, so that a second home shows.

import type { AuthRecord } from "../../src/auth/record.ts";
import type { LoginClaim } from "../../src/credentials/login_claim.ts";
import { homeIn } from "../../src/credentials/login_homes.ts";
import { generationMs, loginId } from "../../src/credentials/login_id.ts";
import { Exchange } from "../../src/fleet/exchange.ts";
import { Fleet, tagsOf } from "../../src/fleet/fleet.ts";
import { moveHome } from "../../src/fleet/move_home.ts";
import { Seal } from "../../src/fleet/seal.ts";
import { SharedLogins } from "../../src/fleet/shared_logins.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { Secret } from "../../src/values/secret.ts";
import { aRecord, POLICY } from "./builders.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeEngine, type FakeStore, NOT_SHARED } from "./fake_store.ts";
import { accessToken } from "./logins.ts";

/** The account of the login; long enough to be in no sealed text by chance. */
export const ACCOUNT = "acct-of-the-login";

const SECRET = "a-pool-secret-of-more-than-32-characters";
const LIFE_MS = 10 * 86_400_000;

/** What a file holds. */
interface Copy {
  readonly access: Secret;
  readonly refresh: number;
}

/** The issuer. */
export class OneLogin {
  reuses = 0;
  renewals = 0;
  readonly #spent = new Set<number>();
  readonly #clock: FakeClock;
  current: Copy;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.current = this.#next(0);
  }

  renew(refresh: number): Copy | undefined {
    if (this.#spent.has(refresh)) {
      this.reuses++;
      return undefined;
    }
    this.#spent.add(refresh);
    this.renewals++;
    return this.current = this.#next(refresh + 1);
  }

  #next(refresh: number): Copy {
    const issuedAtMs = (Math.floor(this.#clock.nowMs() / 1000) + refresh) * 1000;
    const access = accessToken({ account: ACCOUNT, session: "authsess_1", issuedAtMs, lifeMs: LIFE_MS });
    return { access: new Secret(access), refresh };
  }
}

/** What stays when a machine is off. */
class Disk {
  readonly claims: Record<string, LoginClaim> = {};
  file: Copy | undefined;
}

/** A machine. */
export class Machine {
  readonly disk = new Disk();
  readonly name: string;
  readonly #world: LoginWorld;
  readonly #mayBeHome: boolean;
  readonly #hasRefreshToken: boolean;
  #store: FakeStore | undefined;
  logins: SharedLogins | undefined;
  fleet: Fleet | undefined;
  #exchange: Exchange | undefined;
  /** What the upstream refused to a member, and this one was asked to renew. */
  asked = 0;

  constructor(name: string, world: LoginWorld, { mayBeHome = true, hasRefreshToken = true } = {}) {
    this.name = name;
    this.#world = world;
    this.#mayBeHome = mayBeHome;
    this.#hasRefreshToken = hasRefreshToken;
    this.disk.file = world.login.current;
  }

  get isOn(): boolean {
    return this.fleet !== undefined;
  }

  /** Its key, as its file has it. */
  get records(): readonly AuthRecord[] {
    const { file } = this.disk;
    if (!file) return [];
    return [aRecord("k", {
      token: file.access,
      accountId: ACCOUNT,
      expiresAtMs: undefined,
      hasRefreshToken: this.#hasRefreshToken,
    })];
  }

  /** The token that its requests carry. */
  get token(): Secret {
    const [record] = this.records;
    return (this.logins?.withToken(record!) ?? record!).token;
  }

  /** Who renews the login, as its disk has it. */
  get home(): string {
    const login = loginId({ token: this.#world.login.current.access, accountId: ACCOUNT });
    const home = homeIn({ ownId: this.name, claims: this.disk.claims }, login, { isShared: true });
    return home.kind === "elsewhere" ? home.name : home.kind;
  }

  start(): void {
    if (this.isOn) return;
    const { clock, engine } = this.#world;
    const seal = new Seal(new Secret(SECRET), "team");
    this.#store = engine.store();
    const exchange = this.#exchange = new Exchange({ store: this.#store, seal, clock, publish: () => {} });
    const runId = this.#world.nextRun();
    const nextTag = tagsOf(runId);
    const { name } = this;
    this.logins = new SharedLogins({
      exchange,
      seal,
      clock,
      self: { memberId: name, name, mayBeHome: this.#mayBeHome },
      claims: { ...this.disk.claims },
      nextTag,
      records: () => this.records,
      changed: () => {},
      keep: (login, claim) => {
        this.disk.claims[login] = claim;
        return Promise.resolve(true);
      },
      renew: () => void this.asked++,
    });
    const self = { id: name, name, host: name, version: "1.0.0" };
    const pool = new KeyPool(POLICY, () => {});
    this.fleet = new Fleet({
      exchange,
      seal,
      logins: this.logins,
      affinity: NOT_SHARED,
      pool,
      clock,
      self,
      runId,
      nextTag,
    });
    this.fleet.start();
    this.logins.listed();
    this.look();
  }

  stop(): void {
    this.fleet?.[Symbol.dispose]();
    this.fleet = this.logins = undefined;
  }

  /** What the main thread does every half minute. */
  look(): void {
    this.logins?.take(this.records.flatMap((record) => {
      const login = loginId(record);
      const isRenewable = this.#hasRefreshToken;
      return login === undefined ? [] : [{ login, isRenewable, generationMs: generationMs(record) }];
    }));
  }

  /** Renews, if its disk says that it may. A dead login stays what it is. */
  renew(): void {
    const { file } = this.disk;
    if (this.home !== "here" || !file || !this.isOn) return;
    this.disk.file = this.#world.login.renew(file.refresh) ?? file;
    this.logins?.listed();
    this.look();
  }

  async move(isForced = false) {
    const self = { memberId: this.name, name: this.name, mayBeHome: this.#mayBeHome };
    return await moveHome(this.records[0]!, {
      logins: this.logins!,
      exchange: this.#exchange!,
      clock: this.#world.clock,
      self,
      isThere: (id) => this.fleet!.isThere(id),
      isForced,
    });
  }
}

/** All of it. */
export class LoginWorld {
  readonly clock = new FakeClock();
  readonly engine = new FakeEngine();
  readonly login = new OneLogin(this.clock);
  #runs = 0;

  nextRun(): string {
    return String(++this.#runs).padStart(16, "0");
  }

  machine(name: string, options: { mayBeHome?: boolean; hasRefreshToken?: boolean } = {}): Machine {
    return new Machine(name, this, options);
  }

  async pass(ms = 10): Promise<void> {
    await this.clock.advance(ms);
  }
}

/** Three machines with copies of one login, the first of them its home. */
export async function threeMachines(names = ["one", "two", "three"]) {
  const world = new LoginWorld();
  const machines = names.map((name) => world.machine(name));
  const [one, two, three] = machines as [Machine, Machine, Machine];
  one.start();
  await world.pass(120_000);
  two.start();
  three.start();
  await world.pass();
  return { world, one, two, three, machines };
}
