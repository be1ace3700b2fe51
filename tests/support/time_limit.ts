// Loaded before each file with tests (`--preload`): a test that would never end fails instead, and the others go on.

/** Some tests wait for several things one after the other, each with a deadline of its own, see program.ts. */
export const LIMIT_MS = 240_000;

/** The arguments of a call of `Deno.test`, in any of its forms: with {@link LIMIT_MS} where they name no limit of their own. */
export function limited(args: readonly unknown[]): unknown[] {
  const at = args.findIndex((argument) => typeof argument === "object");
  const options = { timeout: LIMIT_MS, ...args[at] as object | undefined };
  return at < 0 ? args.toSpliced(-1, 0, options) : args.with(at, options);
}

const deno: { test: typeof Deno.test } = Deno;
deno.test = new Proxy(Deno.test, {
  apply: (test, self, args) => Reflect.apply(test, self, limited(args)),
});
