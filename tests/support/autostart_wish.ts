// What `cdx2 service` wants of a manager, with paths that have to be quoted everywhere.

import type { Wish } from "../../src/cli/service_command/wish.ts";
import type { System } from "../../src/system/platform.ts";

export const ODD_FOLDER = `/home/ann/keys & "more" <50%> $HOME`;

export function aWish(system: System, over: Partial<Wish> = {}): Wish {
  return {
    platform: { system, self: ["/opt/my tools/cdx2"], userId: 501 },
    env: {},
    homeFolder: "/home/ann",
    authDir: ODD_FOLDER,
    envFile: `${ODD_FOLDER}/.env`,
    writes: ["/home/ann/.local/state/cdx2/refresh"],
    drainSeconds: 10,
    variables: {},
    memoryMax: undefined,
    isHardened: true,
    ...over,
  };
}
