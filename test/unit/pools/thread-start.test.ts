import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { besideAs, threadArguments } from "../../../src/pools/thread-start.ts";

const LOADER = "file:///somewhere/node_modules/tsx/dist/loader.mjs";

describe("threadArguments", () => {
  it("registers tsx in each thread where Node doesn't", () => {
    for (const given of [["--import", LOADER], [`--import=${LOADER}`]]) {
      const [flag, loader, other, program] = threadArguments(given, "20.1.0") ?? [];
      assert.deepEqual([flag, loader, other], ["--import", LOADER, "--import"]);
      assert.match(
        decodeURIComponent(program ?? ""),
        /import\{register\}from"file:\/\/\/somewhere\/node_modules\/tsx\/dist\/esm\/api\/index\.mjs"/,
      );
    }
    assert.match(threadArguments(["--import", "tsx"], "20.1.0")?.at(-1) ?? "", /tsx/);
  });

  it("leaves out what Node refuses for a thread", () => {
    const given = [
      "--expose-gc",
      "-r",
      "a.cjs",
      "--max-old-space-size=100",
      "--import",
      LOADER,
      "-e",
      "1",
      "--import",
    ];
    assert.deepEqual(threadArguments(given, "20.1.0")?.slice(0, -1), [
      "-r",
      "a.cjs",
      "--import",
      LOADER,
      "--import",
    ]);
  });

  it("leaves everything as it is where that will do", () => {
    assert.equal(threadArguments(["--import", LOADER], "22.0.0"), undefined);
    assert.equal(threadArguments(["--import", "other"], "20.1.0"), undefined);
    assert.equal(threadArguments(["--import", "not-tsx"], "20.1.0"), undefined);
    assert.equal(threadArguments([], "20.1.0"), undefined);
  });

  it("takes away what is meant for node -e, with which no thread starts", () => {
    assert.deepEqual(threadArguments(["--input-type=module", "--import", "x", "-e", "1"], "24.0.0"), [
      "--import",
      "x",
    ]);
  });
});

describe("besideAs", () => {
  it("is a program that ends as the module beside it does", () => {
    assert.equal(besideAs("thread", "file:///a/b/pool.ts").href, "file:///a/b/thread.ts");
    assert.equal(besideAs("thread", "file:///a/dist/pool.js").href, "file:///a/dist/thread.js");
  });
});
