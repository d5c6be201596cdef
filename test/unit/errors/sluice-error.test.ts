import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SluiceError } from "../../../src/errors/index.ts";

describe("SluiceError", () => {
  it("fills its sentence from the details", () => {
    const error = new SluiceError("SLUICE_ADDRESS_IN_USE", { host: "localhost", port: 8765 });
    assert.equal(error.code, "SLUICE_ADDRESS_IN_USE");
    assert.match(error.message, /localhost:8765/);
    assert.doesNotMatch(error.message, /[{}]/);
  });

  it("leaves a place visible that has no detail", () => {
    assert.match(
      new SluiceError("SLUICE_ADDRESS_IN_USE", { host: "localhost" }).message,
      /localhost:\{port\}/,
    );
    assert.match(new SluiceError("SLUICE_INVALID_MESSAGE").message, /\{actual\}/);
  });

  it("takes details as they are, not as replacement patterns or inherited names", () => {
    const error = new SluiceError("SLUICE_INVALID_OPTION", { option: "$&", problem: "{option}" });
    assert.match(error.message, /the option \$&: \{option\}\./);
  });

  it("keeps the cause", () => {
    const cause = new Error("EADDRINUSE");
    assert.equal(new SluiceError("SLUICE_ADDRESS_IN_USE", {}, { cause }).cause, cause);
    assert.ok(!("cause" in new SluiceError("SLUICE_SERVER_CLOSED")));
  });

  it("is an Error that says its name", () => {
    const error = new SluiceError("SLUICE_SERVER_CLOSED");
    assert.ok(error instanceof Error);
    assert.equal(error.name, "SluiceError");
    assert.match(String(error), /^SluiceError: Create another server/);
    assert.deepEqual(Object.keys(error), ["code"]);
  });
});
