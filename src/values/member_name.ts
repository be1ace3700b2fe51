/**
 * Names that members of a shared pool give themselves, as others take them.
 * @module
 */

/** What tells members apart. */
export interface MemberIdentity {
  /** The same over the runs of a member; empty when it does not say. */
  readonly id: string;
  /** What it calls itself: others may do so, too. */
  readonly name: string;
}

const MAX_CHARS = 64;
const ID_CHARS = 4;

/** The name without anything that could move a cursor or change the reading direction, and not longer than 64 characters. */
export function memberName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?");
  return plain.length <= MAX_CHARS ? plain : [...plain].slice(0, MAX_CHARS).join("");
}

/**
 * Names that tell these members apart: where several have the same, the beginning of their ids follows it, as in
 * `MacBook (3f9a)`. A member that was renamed has its last name.
 */
export function distinctNames(members: readonly MemberIdentity[]): (member: MemberIdentity) => string {
  const names = new Map(members.map((member) => [keyOf(member), member.name]));
  const counts = Map.groupBy(names.values(), (name) => name);
  return (member) => {
    const name = names.get(keyOf(member)) ?? member.name;
    const isShared = (counts.get(name)?.length ?? 0) > 1;
    return isShared && member.id !== "" ? `${name} (${member.id.slice(0, ID_CHARS)})` : name;
  };
}

function keyOf({ id, name }: MemberIdentity): string {
  return id === "" ? name : id;
}
