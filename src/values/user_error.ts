/**
 * What went wrong in a way that the user can fix. Only cli/errors.ts prints it.
 * @module
 */

/** An error that the user can fix. It ends a command; it is printed without a stack trace. */
export class UserError extends Error {
  /** Always `UserError`. */
  override readonly name = "UserError";
  /** What to type or change; printed after "hint: ". `undefined` when the message says it all. */
  readonly hint: string | undefined;
  /** What the process exits with: 1 for a failure, 2 for wrong usage or settings. */
  readonly exitCode: 1 | 2;

  /** `message` says what happened, with the values, without a full stop. The exit code is 1 unless given. */
  constructor(message: string, options: { hint?: string | undefined; exitCode?: 1 | 2 } = {}) {
    super(message);
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What the log says of an error. */
export function failureOf(
  error: unknown,
): { readonly message: string; readonly fields: { readonly hint?: string } } {
  const message = error instanceof Error ? error.message : String(error);
  return { message, fields: error instanceof UserError && error.hint ? { hint: error.hint } : {} };
}
