import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gather, parseHeaders } from "../../../src/cli/repeated-flags.ts";

describe("flags that may be repeated", () => {
  it("gathers them in their order", () => {
    assert.deepEqual(gather("b", gather("a")), ["a", "b"]);
  });

  it("reads headers, whose values may have colons", () => {
    assert.deepEqual(parseHeaders(["Origin: http://a:80", "X-Empty:"]), {
      Origin: "http://a:80",
      "X-Empty": "",
    });
  });

  it("joins those of one name, in whatever case", () => {
    assert.deepEqual(parseHeaders(["Cookie: a=1", "cookie: b=2", "X: 1", "Cookie: c=3"]), {
      Cookie: "a=1, b=2, c=3",
      X: "1",
    });
  });

  it("makes no headers of a flag that isn't given", () => {
    assert.deepEqual(parseHeaders(undefined), {});
  });

  it("refuses what has no name", () => {
    for (const line of ["nothing", ": value", ""])
      assert.throws(() => parseHeaders([line]), { code: "SLUICE_INVALID_OPTION", message: /'Name: value'/ });
  });
});
