import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { resolveCacheOptions } from "../../../../../src/pools/cache/cache-options.ts";
import { loadRedisDriver } from "../../../../../src/pools/cache/redis/redis-client.ts";
import { parseRedisUrl } from "../../../../../src/pools/cache/redis/redis-url.ts";
import { inTime } from "../../../../support/wait-for.ts";

const driverFor = (url: string): ReturnType<typeof loadRedisDriver> =>
  loadRedisDriver(parseRedisUrl(new URL(url)), resolveCacheOptions({}, "redis"));

describe("loadRedisDriver", () => {
  it("makes clients that log in as the URL says, and take bulk strings as bytes", async () => {
    const heard: string[] = [];
    const server = createServer((socket) => {
      socket.on("data", (data) => {
        const text = data.toString();
        heard.push(text);
        socket.write(
          text.includes("GET") ? "$2\r\n\xff\xfe\r\n" : "+OK\r\n".repeat(text.match(/^\*/gm)?.length ?? 0),
          "latin1",
        );
      });
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const driver = await driverFor(`redis://user:pass@127.0.0.1:${port}/3`);
    const client = driver.create();
    client.on("error", () => {});
    await inTime("the connection", client.connect());
    assert.match(heard.join(""), /AUTH\r\n\$4\r\nuser\r\n\$4\r\npass/);
    assert.match(heard.join(""), /SELECT\r\n\$1\r\n3/);
    assert.deepEqual(await inTime("an answer", client.sendCommand(["GET", "a"])), Buffer.from([0xff, 0xfe]));
    client.destroy();
    server.close();
  });

  it("makes clients that don't connect again by themselves", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on("error", () => {});
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const driver = await driverFor(`redis://127.0.0.1:${typeof address === "object" ? address?.port : 0}/1`);
    const client = driver.create();
    client.on("error", () => {});
    await assert.rejects(inTime("a failure", client.connect()));
    assert.equal(connections, 1);
    client.destroy();
    server.close();
  });

  it("tells the server's errors from others", async () => {
    const { ErrorReply } = await import("@redis/client");
    const driver = await driverFor("redis://localhost");
    assert.equal(driver.isReply(new ErrorReply("ERR")), true);
    assert.equal(driver.isReply(new Error("ERR")), false);
  });
});
