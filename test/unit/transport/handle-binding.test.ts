import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { findBinding, listeningHandleOf } from "../../../src/transport/handle-binding.ts";
import { portOf } from "../../support/port-of.ts";

type Binding = (name: string) => object;

/** What is found where `process.binding` says something else. */
function findWith(replace: (real: Binding) => Binding): ReturnType<typeof findBinding> {
  const holder = process as unknown as { binding: Binding };
  const real = holder.binding;
  holder.binding = replace(real.bind(process));
  try {
    return findBinding();
  } finally {
    holder.binding = real;
  }
}

describe("findBinding", () => {
  it("finds what the fast stream needs, on every Node that is supported", () => {
    const binding = findBinding();
    assert.ok(binding !== undefined);
    assert.ok(binding.streamBaseState instanceof Int32Array);
    new binding.WriteWrap();
    new binding.ShutdownWrap();
    new binding.ConnectWrap();
    const handle = binding.createHandle();
    assert.ok(binding.isTcpHandle(handle));
    handle.close();
  });

  it("finds nothing where some of it is missing", () => {
    const pieces = [
      ["stream_wrap", "WriteWrap"],
      ["stream_wrap", "ShutdownWrap"],
      ["stream_wrap", "streamBaseState"],
      ["stream_wrap", "kReadBytesOrError"],
      ["stream_wrap", "kLastWriteWasAsync"],
      ["tcp_wrap", "TCP"],
      ["tcp_wrap", "TCPConnectWrap"],
      ["tcp_wrap", "constants"],
    ] as const;
    for (const [from, missing] of pieces) {
      const found = findWith(
        (real) => (name) => (name === from ? { ...real(name), [missing]: undefined } : real(name)),
      );
      assert.equal(found, undefined, missing);
    }
  });

  it("finds nothing where handles lack a method", () => {
    class TCP {}
    assert.equal(
      findWith((real) => (name) => (name === "tcp_wrap" ? { TCP } : real(name))),
      undefined,
    );
  });

  it("finds nothing where there are no bindings at all", () => {
    const none = (): never => {
      throw new Error("No such module");
    };
    assert.equal(
      findWith(() => none),
      undefined,
    );
  });
});

describe("listeningHandleOf", () => {
  it("is the handle of a TCP server that listens", async (t) => {
    const binding = findBinding();
    assert.ok(binding !== undefined);
    const server = createServer();
    assert.equal(listeningHandleOf(server, binding), undefined, "not yet");
    await portOf(server);
    t.after(() => server.close());
    assert.equal(typeof listeningHandleOf(server, binding)?.onconnection, "function");
  });

  it("is none of a server that listens on something else", async (t) => {
    const binding = findBinding();
    assert.ok(binding !== undefined);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(`\0sluice-test-${process.pid}`, resolve));
    t.after(() => server.close());
    assert.equal(listeningHandleOf(server, binding), undefined);
  });
});
