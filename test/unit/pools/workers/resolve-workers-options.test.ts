import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import {
  resolveWorkerFile,
  resolveWorkersOptions,
} from "../../../../src/pools/workers/resolve-workers-options.ts";
import { TemporaryFolder } from "../../../support/temporary-folder.ts";

describe("the options of workers", () => {
  it("have defaults", () => {
    const { size, ...others } = resolveWorkersOptions({});
    assert.ok(size >= 1);
    assert.deepEqual(others, {
      name: "workers",
      maxWaiting: 10_000,
      acquireTimeoutMs: 5_000,
      runTimeoutMs: 30_000,
      startTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
      maxLifetimeMs: 1_800_000,
      maxHeapBytes: undefined,
      niceness: 10,
      required: true,
    });
    assert.equal(resolveWorkersOptions({ runTimeoutMs: null }).runTimeoutMs, null);
  });

  it("are checked", () => {
    const wrong = {
      size: 0,
      maxWaiting: -1,
      acquireTimeoutMs: 0.5,
      maxHeapBytes: 1,
      niceness: 20,
      name: "",
      threads: 3,
    };
    for (const [option, value] of Object.entries(wrong)) {
      assert.throws(() => resolveWorkersOptions({ [option]: value }), {
        code: "SLUICE_INVALID_OPTION",
        message: new RegExp(option),
      });
    }
  });
});

describe("the file of workers", () => {
  const folder = new TemporaryFolder();
  after(() => folder.remove());

  it("is one", () => {
    for (const wrong of ["./hash.ts", "https://example.com/hash.js", new URL("data:text/javascript,1"), ""])
      assert.throws(() => resolveWorkerFile(wrong), {
        code: "SLUICE_INVALID_OPTION",
        message: /import\.meta\.url/,
      });
    assert.equal(resolveWorkerFile(import.meta.url).href, import.meta.url);
  });

  it("is the .js beside it where it was compiled", () => {
    const compiled = pathToFileURL(folder.write("work.mjs", ""));
    const source = new URL("./work.mts", compiled);
    assert.equal(resolveWorkerFile(source).href, compiled.href);
    folder.write("work.mts", "");
    assert.equal(resolveWorkerFile(source).href, source.href);
    const neither = new URL("./neither.ts", compiled);
    assert.equal(resolveWorkerFile(neither).href, neither.href);
  });
});
