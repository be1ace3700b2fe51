import assert from "node:assert/strict";
import { startIssuer } from "./issuer.ts";

async function post(
  url: string,
  fields: Record<string, string>,
): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(fields) });
  return { status: response.status, body: await response.json() };
}

const refresh = (refresh_token: string) => ({ grant_type: "refresh_token", refresh_token });

Deno.test("the issuer rotates refresh tokens, and revokes a login when one is used twice", async () => {
  await using issuer = await startIssuer();
  const family = issuer.mint();
  const [first, endpoint] = [family.current.refresh_token, `${issuer.url}/oauth/token`];
  const renewed = await post(endpoint, refresh(first));
  assert.deepEqual([renewed.status, renewed.body["access_token"]], [200, family.current.access_token]);
  assert.notEqual(renewed.body["refresh_token"], first);
  assert.equal((await post(endpoint, refresh(first))).status, 401);
  assert.deepEqual([issuer.reuses, family.isRevoked], [1, true]);
  assert.equal((await post(endpoint, refresh(renewed.body["refresh_token"]!))).status, 401);
});

Deno.test("the issuer's backend believes only its live tokens", async () => {
  await using issuer = await startIssuer();
  const family = issuer.mint();
  const ask = async () => {
    const headers = { authorization: `Bearer ${family.current.access_token}` };
    const response = await fetch(`${issuer.upstreamUrl}/wham/usage`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await ask(), 200);
  issuer.expire(family);
  assert.equal(await ask(), 401);
});

Deno.test("the issuer loses an answer after it has rotated", async () => {
  await using issuer = await startIssuer({ faults: [{ drop: "after", times: 1 }] });
  const family = issuer.mint();
  const before = family.current.refresh_token;
  await assert.rejects(post(`${issuer.url}/oauth/token`, refresh(before)));
  assert.notEqual(family.current.refresh_token, before);
  assert.deepEqual(issuer.requests.map(({ status, email }) => [status, email]), [["dropped", family.email]]);
});
