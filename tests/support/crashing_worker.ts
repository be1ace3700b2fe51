// Takes the place of the proxy's worker: it answers on the port that it is given with the number of crashes before it,
// survives errors that nobody catches, and crashes when it is asked for "/crash" for the first time.

import type { FromWorker, ToWorker } from "../../src/runtime/sandbox.ts";
import { onStrayError } from "../../src/system/process.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
};

scope.onmessage = ({ data }) => {
  if (data.kind === "stop") return scope.postMessage({ kind: "ended", reason: data.reason });
  if (data.kind !== "start") return;
  const { settings: { host: hostname, port }, crashes } = data.start;
  const strays: string[] = [];
  onStrayError((error) => {
    strays.push(error instanceof Error ? error.message : String(error));
  });
  const server = Deno.serve({ hostname, port, onListen: () => {} }, ({ url }) => {
    if (url.endsWith("/crash")) scope.postMessage({ kind: "crashed", reason: "a fault" });
    if (url.endsWith("/reject")) Promise.reject(new Error("not caught"));
    if (url.endsWith("/throw")) {
      setTimeout(() => {
        throw new Error("not caught either");
      });
    }
    return Response.json({ crashes: crashes.count, strays });
  });
  scope.postMessage({ kind: "listening", port: server.addr.port });
};
