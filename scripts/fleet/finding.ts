/**
 * What the proofs of a shared pool have found, as rows of a table.
 * @module
 */

/** One row. */
export interface Finding {
  /** The situation. */
  readonly what: string;
  /** What was measured or counted in it. */
  readonly figure: string;
  /** What is wrong with it; `undefined` when all is as it has to be. */
  readonly complaint: string | undefined;
}

/** The rows as Markdown. */
export function findingsTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ what, figure, complaint }) =>
    `| ${what} | ${figure}${complaint === undefined ? "" : ` **${complaint}**`} |`
  );
  return ["| Situation | Found |", "| --- | --- |", ...rows].join("\n");
}

/** Milliseconds for people. */
export function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
