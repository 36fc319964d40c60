// Starts the fake host, and tells a client that only knows a host's real address where it is now.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export async function startHost() {
  const program = spawn(process.env.COKINO_FAKE_HOST, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const hello = JSON.parse((await lines.next()).value);
  return {
    ...hello,
    /// Ends it, and gives what it has counted.
    async stop() {
      program.stdin.end();
      return JSON.parse((await lines.next()).value);
    },
  };
}

/// A fetch that goes to the fake where the client means one of these hosts. What the client sends
/// is passed on as it is; links that the fake gives lead to the fake already.
export function redirected(origin, hosts) {
  return (input, init) => {
    const url = new URL(input instanceof URL ? input.href : input);
    if (hosts.includes(url.host)) {
      return fetch(origin + url.pathname + url.search, init);
    }
    if (url.origin !== origin) {
      throw new Error(`the client wants to reach ${url.host}`);
    }
    return fetch(url, init);
  };
}

/// Whether bytes are an MP4 file, and their number.
export async function looksLikeClip(url) {
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  return { mp4: bytes.subarray(4, 8).toString() === "ftyp", size: bytes.length };
}
