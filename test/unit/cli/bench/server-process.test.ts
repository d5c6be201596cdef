import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ServerProcess } from "../../../../src/cli/bench/server-process.ts";

const skip = process.platform !== "linux";

test("its CPU time and memory are found", { skip }, () => {
  const server = new ServerProcess(process.pid);
  server.beginWindow();
  const begun = process.cpuUsage();
  const spent = (): number => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1e6;
  };
  const grown = Buffer.alloc(50_000_000, 1);
  while (spent() < 0.1);
  server.endWindow();
  const { cpuSeconds, rssBeforeBytes, rssAfterBytes, peakRssBytes } = server.usage;
  assert.ok(cpuSeconds > 0.05 && cpuSeconds <= spent() + 0.05, `${cpuSeconds}`);
  assert.ok(rssAfterBytes - rssBeforeBytes > 40_000_000);
  assert.ok(peakRssBytes >= rssAfterBytes);
  assert.equal(grown[0], 1);
});

test("without a window there is no CPU time, and a second end changes nothing", { skip }, () => {
  const server = new ServerProcess(process.pid);
  server.endWindow();
  assert.equal(server.usage.cpuSeconds, 0);
  server.stop();
});

test("a process that doesn't exist is refused", () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  assert.throws(() => new ServerProcess(pid), { code: "SLUICE_INVALID_OPTION", message: /option pid/ });
});
