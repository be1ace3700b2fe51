// A home whose logins, renewals and model requests go to an issuer of the test.

import type { Issuer } from "./issuer.ts";
import { Home } from "./program.ts";
import { MANAGEMENT_KEY } from "./service.ts";

export async function homeAt(issuer: Issuer): Promise<Home> {
  return await Home.make({
    CLIPROXY_ISSUER: issuer.url,
    CLIPROXY_UPSTREAM: issuer.upstreamUrl,
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
  });
}
