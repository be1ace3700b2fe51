import assert from "node:assert/strict";
import {
  isServiceRecord,
  readHolder,
  readPid,
  type ServiceRecord,
  writeHolder,
  writePid,
} from "../../src/runtime/process_record.ts";

const SERVICE: ServiceRecord = {
  pid: 4120,
  identity: "ticks:99",
  startedAt: "2026-11-22T23:41:00.123Z",
  version: "1.2.3",
  host: "127.0.0.1",
  port: 8317,
};

Deno.test("readHolder() gives back what writeHolder() was given, and nothing for another text", () => {
  const { host: _host, port: _port, ...record } = SERVICE;
  assert.deepEqual(readHolder(writeHolder(record)), record);
  assert.deepEqual(readHolder(writeHolder({ ...record, identity: null })), { ...record, identity: null });
  for (
    const text of ["", "4120\n", "{}", writeHolder(record).slice(0, 20), writeHolder({ ...record, pid: -1 })]
  ) {
    assert.equal(readHolder(text), undefined);
  }
});

Deno.test("readPid() reads one process id and nothing that could mean a group of processes", () => {
  assert.equal(readPid(writePid(4120)), 4120);
  assert.equal(readPid(" 7 \n"), 7);
  for (const text of ["", "0", "-1", "4120 4121", "12x", "1e3", "99999999999999999999"]) {
    assert.equal(readPid(text), undefined, text);
  }
});

Deno.test("isServiceRecord() needs every field, of the right type", () => {
  assert.ok(isServiceRecord(SERVICE));
  assert.ok(isServiceRecord({ ...SERVICE, identity: null, region: "eu" }));
  for (const name of Object.keys(SERVICE)) {
    assert.ok(!isServiceRecord({ ...SERVICE, [name]: undefined }), name);
    assert.ok(!isServiceRecord({ ...SERVICE, [name]: [] }), name);
  }
  for (const value of [undefined, null, 7, [SERVICE]]) assert.ok(!isServiceRecord(value));
});
