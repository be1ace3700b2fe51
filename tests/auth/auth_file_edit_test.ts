import fc from "fast-check";
import assert from "node:assert/strict";
import { editAuthFile, type MemberChange } from "../../src/auth/auth_file_edit.ts";

function edited(text: string, ...changes: MemberChange[]): string {
  const result = editAuthFile(text, changes);
  return result.kind === "edited" ? result.text : assert.fail(result.reason);
}

const disable: MemberChange = { path: ["disabled"], value: true };
const enable: MemberChange = { path: ["disabled"], value: undefined };
const renew: MemberChange = { path: ["tokens", "access_token"], value: "new" };

/** `[what, before, change, after]` */
const EDITS: [string, string, MemberChange, string][] = [
  [
    "adds a member, on a line of its own",
    '{\n  "a": 1\n}\n',
    disable,
    '{\n  "a": 1,\n  "disabled": true\n}\n',
  ],
  ["keeps tabs", '{\n\t"a": 1\n}', disable, '{\n\t"a": 1,\n\t"disabled": true\n}'],
  ["keeps CRLF", '{\r\n  "a": 1\r\n}\r\n', disable, '{\r\n  "a": 1,\r\n  "disabled": true\r\n}\r\n'],
  ["keeps one line", '{"a":1}', disable, '{"a":1,"disabled":true}'],
  ["keeps one line with blanks", '{"a": 1, "b": 2}', disable, '{"a": 1, "b": 2, "disabled": true}'],
  ["keeps one line with blanks and one member", '{ "a": 1 }', disable, '{ "a": 1, "disabled": true }'],
  ["keeps blanks before commas", '{"a":1 , "b":2 }', disable, '{"a":1 , "b":2, "disabled":true }'],
  ["keeps a byte order mark", '\uFEFF{"a":1}', disable, '\uFEFF{"a":1,"disabled":true}'],
  ["fills an empty object", "{}", disable, '{"disabled": true}'],
  ["changes a value in its place", '{"disabled" : "no", "a": 1}', disable, '{"disabled" : true, "a": 1}'],
  ["does not write again what is there", '{"disabled" :  true}', disable, '{"disabled" :  true}'],
  ["removes the first member", '{\n  "disabled": true,\n  "a": 1\n}', enable, '{\n  "a": 1\n}'],
  ["removes the last member", '{\n  "a": 1,\n  "disabled": true\n}', enable, '{\n  "a": 1\n}'],
  ["removes a member between others", '{"a":1, "disabled":true, "b":2}', enable, '{"a":1, "b":2}'],
  ["removes the only member", '{\n  "disabled": true\n}', enable, "{}"],
  ["removes each of several alike", '{"disabled":1,"a":1,"disabled":true}', enable, '{"a":1}'],
  ["leaves what has no such member", '{ "a":1}', enable, '{ "a":1}'],
  [
    "changes the last of several alike",
    '{"disabled":1,"disabled":false}',
    disable,
    '{"disabled":1,"disabled":true}',
  ],
  [
    "changes a nested member and nothing with its name elsewhere",
    '{"access_token":"x","tokens": {"id_token":"}\\"{", "access_token" : "old"},"b":[{"tokens":{}}]}',
    renew,
    '{"access_token":"x","tokens": {"id_token":"}\\"{", "access_token" : "new"},"b":[{"tokens":{}}]}',
  ],
  [
    "adds a nested member",
    '{\n  "tokens": {\n    "id_token": "i"\n  }\n}',
    renew,
    '{\n  "tokens": {\n    "id_token": "i",\n    "access_token": "new"\n  }\n}',
  ],
  [
    "fills a nested object",
    '{\n  "tokens": {}\n}',
    renew,
    '{\n  "tokens": {\n    "access_token": "new"\n  }\n}',
  ],
  [
    "makes an object on the way",
    '{\n  "a": 1\n}',
    renew,
    '{\n  "a": 1,\n  "tokens": {\n    "access_token": "new"\n  }\n}',
  ],
  ["makes an object on the way, on one line", '{"a":1}', renew, '{"a":1,"tokens":{"access_token":"new"}}'],
  ["makes an object in the place of null", '{"tokens":null}', renew, '{"tokens":{"access_token":"new"}}'],
  [
    "removes nothing below what is not there",
    '{"a":1}',
    { path: ["tokens", "access_token"], value: undefined },
    '{"a":1}',
  ],
  [
    "writes a list",
    '{\n  "a": 1\n}',
    { path: ["models"], value: { b: ["c"] } },
    '{\n  "a": 1,\n  "models": {\n    "b": [\n      "c"\n    ]\n  }\n}',
  ],
  [
    "finds a name that is written with escapes",
    '{"dis\\u0061bled":false}',
    disable,
    '{"dis\\u0061bled":true}',
  ],
  [
    "keeps numbers that JavaScript cannot hold",
    '{"id":12345678901234567890}',
    disable,
    '{"id":12345678901234567890,"disabled":true}',
  ],
  ["sets a member called __proto__", '{"a":1}', { path: ["__proto__"], value: 2 }, '{"a":1,"__proto__":2}'],
];

for (const [what, before, change, after] of EDITS) {
  Deno.test(`editAuthFile() ${what}`, () => assert.equal(edited(before, change), after));
}

Deno.test("editAuthFile() makes several changes in order", () => {
  const text = '{"tokens":{"access_token":"old"},"last_refresh":"then"}';
  const changes: MemberChange[] = [renew, { path: ["last_refresh"], value: "now" }, disable];
  assert.equal(
    edited(text, ...changes),
    '{"tokens":{"access_token":"new"},"last_refresh":"now","disabled":true}',
  );
});

/** `[what, text, the reason]` */
const REFUSED: [string, string, RegExp][] = [
  ["no JSON", "{", /not a JSON object/],
  ["a list", "[]", /not a JSON object/],
  ["a text where an object should be", '{"tokens":"x"}', /^tokens in it is not an object$/],
  ["a list where an object should be", '{"tokens":[]}', /^tokens in it is not an object$/],
];

for (const [what, text, reason] of REFUSED) {
  Deno.test(`editAuthFile() refuses ${what}`, () => {
    const result = editAuthFile(text, [renew]);
    assert.match(result.kind === "refused" ? result.reason : "", reason);
  });
}

const names = fc.constantFrom("a", "b", "disabled", "tokens", 'q"uote', "");
const objects = fc.dictionary(
  names,
  fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.dictionary(names, fc.jsonValue({ maxDepth: 1 }))),
);
const indents = fc.constantFrom("", " ", "  ", "\t");
const paths = fc.tuple(names, fc.array(names, { maxLength: 1 })).map((
  [name, rest],
): [string, ...string[]] => [name, ...rest]);

Deno.test("editAuthFile() undoes a member that it added, byte for byte", () => {
  fc.assert(fc.property(objects, indents, paths, (object, indent, path) => {
    const text = JSON.stringify(object, null, indent);
    const isNew = !Object.hasOwn(object, path[0]);
    fc.pre(isNew && Object.keys(object).length > 0);
    const added = editAuthFile(text, [{ path, value: "x" }]);
    assert.equal(added.kind, "edited");
    if (added.kind === "edited") {
      assert.equal(edited(added.text, { path: [path[0]], value: undefined }), text);
    }
  }));
});

Deno.test("editAuthFile() writes an indented file as JSON.stringify would", () => {
  fc.assert(
    fc.property(
      objects,
      fc.constantFrom(" ", "  ", "\t"),
      fc.jsonValue({ maxDepth: 2 }),
      (object, indent, value) => {
        fc.pre(Object.keys(object).length > 0);
        // JSON has no -0.
        const json = JSON.parse(JSON.stringify(value));
        const text = JSON.stringify(object, null, indent);
        const wanted = JSON.stringify({ ...object, new: json }, null, indent);
        assert.equal(edited(text, { path: ["new"], value: json }), wanted);
      },
    ),
  );
});
