import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCli, whenEnded } from "./built-cli.ts";

/** An encrypted hub under a name that only the proxy knows; its certificate is made for the test. */
describe("an encrypted hub behind a proxy", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-proxy-"));
  const [key, certificate] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate],
    ...["-subj", "/CN=hub.test", "-addext", "subjectAltName=DNS:hub.test"],
  ]);
  const possible = made.status === 0;
  if (!possible) console.warn("Skipped: no certificate could be made (needs the openssl command).");
  const servers: Server[] = [];
  const tunnels: string[] = [];
  const tokens: (string | undefined)[] = [];
  let proxy = "";

  const listen = async (server: Server): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };
  beforeAll(async () => {
    if (!possible) return;
    const tree = JSON.stringify([{ type: "file", path: "x-Q8_0.gguf", size: 1000 }]);
    const hub = createHttpsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
      tokens.push(request.headers.authorization);
      response.writeHead(200, { "content-type": "application/json" }).end(tree);
    });
    const hubPort = await listen(hub);
    const middle = createHttpServer();
    middle.on("connect", (request, socket, head) => {
      tunnels.push(request.url ?? "");
      const there = connect(hubPort, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        there.write(head);
        there.pipe(socket).pipe(there);
      });
      for (const end of [there, socket]) end.on("error", () => {});
    });
    proxy = `http://127.0.0.1:${await listen(middle)}`;
  });
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const list = (env: Record<string, string>) =>
    whenEnded(
      startCli(["models", "pull", "a/b", "--list"], path.join(folder, "data"), {
        HF_ENDPOINT: "https://hub.test",
        HF_TOKEN: "hf_secret",
        HTTPS_PROXY: proxy,
        https_proxy: "",
        NO_PROXY: "",
        no_proxy: "",
        ...env,
      }),
    );

  it.skipIf(!possible)("is reached through a tunnel, with the token inside it", async () => {
    const listed = await list({ NODE_EXTRA_CA_CERTS: certificate });
    expect(listed.err).toBe("");
    expect(listed.out).toContain("x-Q8_0.gguf");
    expect(tunnels).toEqual(["hub.test:443"]);
    expect(tokens).toEqual(["Bearer hf_secret"]);
  });

  it.skipIf(!possible)("is not trusted with a certificate that nobody vouches for", async () => {
    const refused = await list({ NODE_EXTRA_CA_CERTS: "" });
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("did not prove its identity");
    expect(refused.err).toContain("NODE_EXTRA_CA_CERTS");
    expect(tokens).toHaveLength(1);
  });
});
