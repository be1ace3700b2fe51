/**
 * The words that readers stumbled over, each with what to write instead. They must not come back, in code, tests
 * or docs. A pattern is written with plain spaces; `words.ts` also finds it over the end of a line.
 * @module
 */

/** A word or phrase to avoid. */
export interface AvoidedWord {
  /** The source of a regular expression, matched as whole words and in any case. */
  readonly pattern: string;
  /** What to write instead. */
  readonly instead: string;
}

/** A use of an avoided word that is right. */
export interface AllowedUse {
  /** The source of a regular expression that takes in the whole use, the word itself included. */
  readonly pattern: string;
  readonly reason: string;
}

export const AVOIDED: readonly AvoidedWord[] = [
  { pattern: "hears?", instead: "is called with, learns, sees" },
  { pattern: "anew", instead: "again, every time" },
  { pattern: "(?:stands|stand|stood|standing) in(?! for\\b)", instead: "is in, is written in" },
  { pattern: "behind", instead: "after" },
  { pattern: '(?<!" )in words', instead: "as text, says" },
  { pattern: "whoever", instead: "the caller, the client, the user" },
  { pattern: "mostly", instead: "usually" },
  { pattern: "(?:comes|come|coming|came) to(?! an? (?:stop|end)\\b)", instead: "is, results in" },
  { pattern: "(?:owns?|owned|owning) up", instead: "reports" },
  {
    pattern: "(?<!\\bthere )is no(?! (?:longer|more|less|fewer|later|earlier))",
    instead: "is not a, there is no",
  },
  { pattern: "so (?:much|many)", instead: "a number, a limit, as much as" },
  { pattern: "(?:a|the) person", instead: "the user" },
  { pattern: "mend(?:s|ed|ing)?", instead: "fix" },
  { pattern: "(?:its|whose|the|their) time is over", instead: "it has expired" },
  { pattern: "(?:comes|come|coming|came) about", instead: "is established" },
  { pattern: "(?:is|was|be|been) left by", instead: "disconnects" },
  { pattern: "(?:puts?|putting) (?:a key|keys|it|them) out", instead: "ejects" },
  { pattern: "(?:for|every) so (?:long|often)", instead: "maximum, timeout, every N seconds" },
];

export const ALLOWED: readonly AllowedUse[] = [
  {
    pattern: "(?:leav(?:es?|ing)|left|stays?|fall(?:s|en)?|lags?) (?:\\w+ ){0,4}behind",
    reason: "it remains",
  },
  {
    pattern: "behind (?:an?|the|another) (?:\\w+ )?(?:proxy|port|gateway|firewall|interface)",
    reason: "what is seen from the network or the caller first",
  },
  { pattern: "behind (?:`|links?\\b|a link\\b)", reason: "behind an interface or a link" },
  { pattern: '\\d+s behind|"behind" : "ahead of"', reason: "a clock" },
  {
    pattern: '"mend"|`mend`|[.]mend\\b|\\bmend[?]?:|[{,] mend(?= ?[,}])',
    reason: "the field of `cdx2 doctor --json`",
  },
];
