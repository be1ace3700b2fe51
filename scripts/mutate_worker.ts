/**
 * Runs the tests of some files in a worker of mutate.ts, in the place of `deno test`: it answers `passed`, or `failed` at the
 * first test that does.
 * @module
 */

/// <reference lib="deno.worker" />

type Body = (context: Context) => unknown;

interface Context {
  readonly step: (...given: readonly unknown[]) => Promise<boolean>;
}

const bodies: Body[] = [];

function register(...given: readonly unknown[]): void {
  const options = given.find((one) => typeof one === "object" && one !== null) ?? {};
  if (!("ignore" in options && options.ignore)) bodies.push(bodyIn(given));
}

/** From any of the ways in which a test or a step is written. */
function bodyIn(given: readonly unknown[]): Body {
  for (const one of given) {
    if (typeof one === "function") return one as Body;
    if (typeof one === "object" && one !== null && "fn" in one) return one.fn as Body;
  }
  throw new Error("a test without a body");
}

const context: Context = {
  async step(...given) {
    await bodyIn(given)(context);
    return true;
  },
};

Object.defineProperty(Deno, "test", { value: register });

self.onmessage = async ({ data: files }: MessageEvent<readonly string[]>) => {
  try {
    for (const file of files) await import(file);
    for (const body of bodies) await body(context);
    self.postMessage("passed");
  } catch {
    self.postMessage("failed");
  }
};
