/**
 * What went wrong in a way that the user can mend. Only cli/errors.ts prints it.
 * @module
 */

export class UserError extends Error {
  override readonly name = "UserError";
  /** What to type or change; printed behind "hint: ". */
  readonly hint: string | undefined;
  /** 1: failed; 2: wrong usage or settings. */
  readonly exitCode: 1 | 2;

  /** `message` says what happened with the values shown, without a full stop. */
  constructor(message: string, options: { hint?: string; exitCode?: 1 | 2 } = {}) {
    super(message);
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}
