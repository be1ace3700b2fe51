/**
 * The logins of this member's keys, as one of several that have copies of them. Each has one home, which renews it with the
 * rules of a single machine; the others get its access token, and have no use for their refresh tokens. What is decided
 * here is kept on the disk by the main thread before anybody acts on it: a renewal asks the disk, not this.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import type { AuthRecord } from "../auth/record.ts";
import { endOfToken } from "../credentials/held_login.ts";
import type { LoginClaim, LoginMember } from "../credentials/login_claim.ts";
import { generationMs, loginId } from "../credentials/login_id.ts";
import type { LoginHeld } from "../credentials/logins_held.ts";
import type { Secret } from "../values/secret.ts";
import type { LoginStanding, SharedLoginsOptions } from "./login_ports.ts";
import { LoginTokens } from "./login_tokens.ts";
import type { Change } from "./replica.ts";
import {
  claimed,
  handedOver,
  held,
  homeOf,
  nextClaim,
  NOBODY,
  published,
  readLogin,
  refusedToken,
  remembered,
  seen,
  type SharedLogin,
  strongerClaim,
  UNKNOWN_LOGIN,
} from "./shared_login.ts";
import { Shelf } from "./shelf.ts";

// A claim never ends by itself. This is longer than any login lives that nobody renews.
const LOGIN_KEEP_MS = 400 * 86_400_000;
// A member that knows better, and is there, has put that back by then: members read everything every half minute.
const CLAIM_AFTER_MS = 35_000;

/** See above. */
export class SharedLogins {
  /** The logins of all members. */
  readonly shelf: Shelf<SharedLogin>;
  readonly #options: SharedLoginsOptions;
  readonly #claims: Map<string, LoginClaim>;
  readonly #names = new Map<string, string>();
  readonly #logins = new Map<string, string>();
  readonly #unclaimedMs = new Map<string, number>();
  readonly #tokens = new LoginTokens();
  /** Those that are being given up. */
  readonly #leaving = new Set<string>();
  #records: ReadonlyMap<string, readonly AuthRecord[]> = new Map();
  #isChangePlanned = false;
  #isTwin = false;
  #held: ReadonlyMap<string, LoginHeld> | undefined;
  #change = Promise.withResolvers<void>();

  /** Nothing is known before the {@link Exchange} has begun. */
  constructor(options: SharedLoginsOptions) {
    this.#options = options;
    this.#claims = new Map(Object.entries(options.claims));
    const onNews = (name: string) => {
      const login = this.#logins.get(name);
      if (login === undefined) return;
      this.#review(login);
      this.#wake();
      this.#planChange();
    };
    this.shelf = new Shelf({
      kind: "login",
      initial: UNKNOWN_LOGIN,
      keepMs: LOGIN_KEEP_MS,
      isPutBack: true,
      isWorth: (from, to) => from !== to,
      read: readLogin,
      onNews,
      onStored: onNews,
    }, options.nextTag);
  }

  /** What the main thread has found in the files of this machine. */
  take(logins: readonly LoginHeld[]): void {
    const found = new Map<string, LoginHeld>();
    for (const one of logins) {
      const known = found.get(one.login);
      found.set(one.login, {
        login: one.login,
        isRenewable: one.isRenewable || known?.isRenewable === true,
        generationMs: Math.max(one.generationMs, known?.generationMs ?? 0),
      });
    }
    this.#held = found;
    for (const { login, isRenewable, generationMs } of found.values()) {
      if (isRenewable) this.add(login, held(generationMs));
    }
    this.#reviewAll();
  }

  /** The keys were listed. */
  listed(): void {
    const records = this.#options.records().filter((record) => loginId(record) !== undefined);
    this.#records = Map.groupBy(records, (record) => loginId(record)!);
    this.#reviewAll();
  }

  /**
   * What everybody knows is known here. `isTwin`: another machine has the identity of this one, so that neither can be the
   * home of anything.
   */
  synced(isTwin: boolean): void {
    this.#isTwin = isTwin;
    const nowMs = this.#options.clock.nowMs();
    for (const login of this.#all()) {
      const value = this.confirmed(login);
      if (!value || homeOf(value)) this.#unclaimedMs.delete(login);
      else this.#unclaimedMs.getOrInsert(login, nowMs);
    }
    this.#reviewAll();
  }

  /** What the main thread has found of this login; `undefined`: nothing, or it has not looked yet. */
  heldHere(login: string): LoginHeld | undefined {
    return this.#held?.get(login);
  }

  /** What the store is known to have of this login: only on this may anybody act. */
  confirmed(login: string): SharedLogin | undefined {
    return this.shelf.replica(this.#nameOf(login)).known?.value;
  }

  /** Makes a change, and tells it. */
  add(login: string, change: Change<SharedLogin>): void {
    const name = this.#nameOf(login);
    const replica = this.shelf.replica(name);
    const before = replica.view;
    if (change(before) === before) return;
    replica.add(change);
    this.#options.exchange.tell(name, this.shelf);
  }

  /** Resolves at the next change of any login. */
  nextChange(): Promise<void> {
    return this.#change.promise;
  }

  /** The key with the newest access token of its login, which is in memory only. The same object when its file has that. */
  withToken(record: AuthRecord): AuthRecord {
    const login = loginId(record);
    const value = login === undefined ? undefined : this.confirmed(login);
    const { self } = this.#options;
    if (login === undefined || !value || homeOf(value)?.memberId === self.memberId) return record;
    const isRenewed = homeOf(value) !== undefined;
    const token = this.#tokens.newerOf(login, value, record);
    if (!token) return isRenewed && !record.hasRefreshToken ? { ...record, hasRefreshToken: true } : record;
    return {
      ...record,
      token,
      expiresAtMs: endOfToken(token),
      hasRefreshToken: record.hasRefreshToken || isRenewed,
    };
  }

  /** Another member that renews this key's login; `undefined` when there is none. */
  homeOf(record: AuthRecord): LoginClaim | undefined {
    const login = loginId(record);
    const home = login === undefined ? undefined : homeOf(this.confirmed(login));
    return home?.memberId === this.#options.self.memberId ? undefined : home;
  }

  /** Who renews this key's login; `undefined` for a key without a login. */
  standingOf(record: AuthRecord): LoginStanding | undefined {
    const login = loginId(record);
    if (login === undefined) return undefined;
    const value = this.confirmed(login);
    const home = homeOf({ claim: value?.claim ?? this.#claims.get(login) });
    return { home, isHere: home?.memberId === this.#options.self.memberId, seenMs: value?.seenMs ?? 0 };
  }

  /** The upstream refuses the token of this key. Whether another member is its home, and was told. */
  ask(record: AuthRecord): boolean {
    const login = loginId(record);
    if (login === undefined || !this.homeOf(record)) return false;
    this.add(login, refusedToken(this.#tokenName(record.token)));
    return true;
  }

  #nameOf(login: string): string {
    return this.#names.getOrInsertComputed(login, () => {
      const name = this.#options.seal.name("login", login);
      this.#logins.set(name, login);
      return name;
    });
  }

  #tokenName(token: Secret): string {
    return this.#options.seal.name("token", fingerprint(token));
  }

  #all(): readonly string[] {
    return [...new Set([...this.#records.keys(), ...this.#held?.keys() ?? [], ...this.#claims.keys()])];
  }

  #reviewAll(): void {
    for (const login of this.#all()) this.#review(login);
    this.#wake();
  }

  #review(login: string): void {
    const value = this.confirmed(login);
    const known = this.#claims.get(login);
    if (known) this.add(login, remembered(known));
    if (!value) return;
    const claim = value.claim && strongerClaim(known, value.claim);
    if (claim && claim === value.claim && !isSameClaim(known, claim)) void this.#keep(login, claim);
    const home = homeOf({ claim });
    if (home?.memberId === this.#options.self.memberId) this.#beHome(login, value);
    else if (!home && this.#mayClaim(login, value)) {
      this.add(login, claimed(this.#options.self, this.#options.exchange.storeNowMs));
    }
  }

  async #keep(login: string, claim: LoginClaim): Promise<void> {
    this.#claims.set(login, claim);
    if (!await this.#options.keep(login, claim)) this.#claims.delete(login);
  }

  #mayClaim(login: string, { newestMs }: SharedLogin): boolean {
    const { clock, exchange, self } = this.#options;
    const here = this.heldHere(login);
    const sinceMs = this.#unclaimedMs.get(login);
    if (!self.mayBeHome || this.#isTwin || !here?.isRenewable || here.generationMs < newestMs) return false;
    if (sinceMs === undefined || exchange.state.kind !== "up") return false;
    return clock.nowMs() - Math.max(sinceMs, exchange.state.sinceMs) >= CLAIM_AFTER_MS;
  }

  #beHome(login: string, value: SharedLogin): void {
    const { self, exchange, renew } = this.#options;
    // Before the main thread has looked, nothing is known of the files.
    if (!this.#held) return;
    const here = this.heldHere(login);
    // Of an older copy the refresh token is used up: to send it would end the login.
    if (!self.mayBeHome || this.#isTwin || !here || here.generationMs < value.newestMs) {
      return void this.#leave(login, value, NOBODY);
    }
    if (value.asker) return void this.#leave(login, value, value.asker);
    this.add(login, seen(self, exchange.storeNowMs));
    for (const record of this.#records.get(login) ?? []) {
      if (generationMs(record) < value.newestMs) continue;
      if (value.wanted !== undefined && value.wanted === this.#tokenName(record.token)) renew(record);
      this.add(login, published(self, record.token.reveal()));
    }
  }

  /** First the disk, so that no renewal begins here any more, then the others. */
  async #leave(login: string, value: SharedLogin, to: LoginMember): Promise<void> {
    if (this.#leaving.has(login)) return;
    this.#leaving.add(login);
    const { self, exchange, keep } = this.#options;
    const next = nextClaim(value, to, exchange.storeNowMs);
    if (await keep(login, next)) {
      this.#claims.set(login, next);
      this.add(login, handedOver(self, next));
    }
    this.#leaving.delete(login);
  }

  /** Many may change at once. */
  #planChange(): void {
    if (this.#isChangePlanned) return;
    this.#isChangePlanned = true;
    this.#options.clock.after(0, () => {
      this.#isChangePlanned = false;
      this.#options.changed();
    });
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}

function isSameClaim(known: LoginClaim | undefined, claim: LoginClaim): boolean {
  return known?.round === claim.round && known.memberId === claim.memberId;
}
