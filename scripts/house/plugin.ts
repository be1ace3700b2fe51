/**
 * The rules of the house that look at one file's syntax tree, as a plugin of `deno lint`: what only src/system/
 * may name, no list of any length as the arguments of a call, and no unfinished work. No comment can switch them off: `files.ts` refuses such a comment.
 * @module
 */

/** The world, as free names. Any use counts, also as a type or a value to pass on. */
const WORLD_NAMES: Readonly<Record<string, string>> = {
  Deno: "Deno",
  // It leads to all of them, and to Date and Math by ways that the rules below do not look at.
  globalThis: "globalThis",
  process: "process",
  fetch: "fetch",
  WebSocket: "WebSocket",
  EventSource: "EventSource",
  performance: "performance",
  setTimeout: "a timer",
  setInterval: "a timer",
  setImmediate: "a timer",
  console: "console",
};

/** The world, as members of objects that are otherwise free to use. */
const WORLD_MEMBERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Date: { now: "Date.now" },
  Math: { random: "randomness" },
  crypto: { randomUUID: "randomness", getRandomValues: "randomness" },
  AbortSignal: { timeout: "a timer" },
};

/** What may not even be the name of a member: a port that is called like it would hide the real one. */
const NOWHERE: readonly string[] = ["Deno", "setTimeout", "setInterval"];

/** Modules of Node that only calculate, with the names that may be taken from them; all names if there is no list. */
const CALCULATING_MODULES: Readonly<Record<string, readonly string[] | undefined>> = {
  "node:buffer": undefined,
  "node:crypto": ["createHash", "createHmac", "hash", "timingSafeEqual"],
  "node:path": undefined,
  "node:util": undefined,
};

// With brackets, so that this line is not found itself.
const UNFINISHED = /\b(?:TO[D]O|FIX[M]E|X[X]X)\b/g;

const ROOT = slashed(import.meta.dirname!).replace(/scripts\/house$/, "");

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    world: { create: (context) => isOutsideSystem(context.filename) ? worldVisitor(context) : {} },
    arguments: { create: (context) => isProgram(context.filename) ? argumentsVisitor(context) : {} },
    unfinished: { create: unfinishedVisitor },
  },
};
export default plugin;

function isProgram(filename: string): boolean {
  return slashed(filename).replace(ROOT, "").startsWith("src/");
}

function isOutsideSystem(filename: string): boolean {
  return isProgram(filename) && !slashed(filename).replace(ROOT, "").startsWith("src/system/");
}

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

function worldVisitor(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const report = (node: Deno.lint.Node, what: string | undefined) => {
    if (what !== undefined) context.report({ node, message: `names ${what}: only src/system/ may` });
  };
  return {
    Identifier(node) {
      if (isShorthandKey(node)) return; // Its value is the same name.
      if (NOWHERE.includes(node.name) || !isMemberName(node)) report(node, own(WORLD_NAMES, node.name));
    },
    MemberExpression(node) {
      if (node.object.type === "Identifier") report(node, memberOf(node.object.name, nameIn(node.property)));
    },
    TSQualifiedName(node) {
      if (node.left.type === "Identifier") report(node, memberOf(node.left.name, nameIn(node.right)));
    },
    VariableDeclarator({ id, init }) {
      if (id.type !== "ObjectPattern" || init?.type !== "Identifier") return;
      for (const property of id.properties) {
        if (property.type === "Property") report(property, memberOf(init.name, nameIn(property.key)));
      }
    },
    NewExpression(node) {
      if (isNamed(node.callee, "Date") && node.arguments.length === 0) {
        report(node, "new Date() without a time");
      }
    },
    CallExpression(node) {
      if (isNamed(node.callee, "Date")) report(node, "new Date() without a time");
    },
    ImportDeclaration(node) {
      const names = node.specifiers.map((each) =>
        each.type === "ImportSpecifier" ? nameIn(each.imported) : undefined
      );
      report(node, worldModule(node.source.value, names));
    },
    ExportNamedDeclaration(node) {
      const names = node.specifiers.map(({ local }) => nameIn(local));
      if (node.source) report(node, worldModule(node.source.value, names));
    },
    ExportAllDeclaration(node) {
      report(node, worldModule(node.source.value, [undefined]));
    },
    ImportExpression(node) {
      report(node, worldModule(nameIn(node.source), [undefined]));
    },
  };
}

/** What a member of an object is of the world, such as `now` of `Date`; `undefined` when it is nothing of it. */
function memberOf(object: string, member: string | undefined): string | undefined {
  const members = own(WORLD_MEMBERS, object);
  return member === undefined || members === undefined ? undefined : own(members, member);
}

/** The module, if it is one of Node that does more than calculate, or `names` takes more than that from it. */
function worldModule(specifier: unknown, names: readonly (string | undefined)[]): string | undefined {
  if (typeof specifier !== "string" || !specifier.startsWith("node:")) return undefined;
  if (!Object.hasOwn(CALCULATING_MODULES, specifier)) return specifier;
  const allowed = CALCULATING_MODULES[specifier];
  const isAllowed = names.every((name) =>
    allowed === undefined || name !== undefined && allowed.includes(name)
  );
  return isAllowed ? undefined : `more than ${allowed!.join(", ")} of ${specifier}`;
}

/** Whether an identifier only names a member: `cache.fetch`, `{ fetch: … }`, `fetch()` in a class. */
function isMemberName(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return parent.property === node && !parent.computed;
    case "TSQualifiedName":
      return parent.right === node;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "TSMethodSignature":
    case "TSPropertySignature":
      return parent.key === node && !parent.computed;
    default:
      return false;
  }
}

function isShorthandKey(node: Deno.lint.Identifier): boolean {
  return node.parent.type === "Property" && node.parent.shorthand && node.parent.key === node;
}

/** `now` for an identifier and for a literal alike; `undefined` for what is calculated. */
function nameIn(node: Deno.lint.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

function isNamed(node: Deno.lint.Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}

// A name such as "constructor" is in every object.
function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Calls that are made with lists whose length the user's data decides. */
const TAKES_LISTS: readonly string[] = ["max", "min", "push", "unshift"];

function argumentsVisitor(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const message = "makes arguments of a list: with 120,000 elements that throws; " +
    "take highest() or lowest() of src/values/extremes.ts, or a loop";
  return {
    CallExpression(node) {
      const { callee } = node;
      const name = callee.type === "MemberExpression" ? nameIn(callee.property) : undefined;
      if (name === undefined || !TAKES_LISTS.includes(name)) return;
      if (node.arguments.some(({ type }) => type === "SpreadElement")) context.report({ node, message });
    },
  };
}

function unfinishedVisitor(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  return {
    Program() {
      for (const { 0: mark, index } of context.sourceCode.text.matchAll(UNFINISHED)) {
        context.report({
          range: [index, index + mark.length],
          message: `says ${mark}: do it, or write it where work is planned`,
        });
      }
    },
  };
}
