import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Admission, type AdmissionOptions } from "../../../src/transport/admission.ts";

function admission(options: Partial<AdmissionOptions> = {}): Admission {
  return new Admission({
    maxConnections: 100,
    maxConnectionsPerAddress: 2,
    exemptAddresses: [],
    ...options,
  });
}

/** Lets so many in from an address. */
function fill(doors: Admission, address: string, count: number): void {
  for (let entered = 0; entered < count; entered++) assert.equal(doors.enter(address), "admitted");
}

describe("Admission", () => {
  it("lets in as many as there is room for, and again when some have left", () => {
    const doors = admission({ maxConnections: 2 });
    fill(doors, "192.0.2.1", 1);
    fill(doors, "192.0.2.2", 1);
    assert.equal(doors.enter("192.0.2.3"), "connections");
    assert.equal(doors.inside, 2);
    doors.leave("192.0.2.1");
    assert.equal(doors.enter("192.0.2.3"), "admitted");
  });

  it("lets in so many from one address", () => {
    const doors = admission();
    fill(doors, "192.0.2.1", 2);
    assert.equal(doors.enter("192.0.2.1"), "address");
    assert.equal(doors.inside, 2, "whoever isn't let in doesn't count");
    assert.equal(doors.enter("192.0.2.2"), "admitted");
    doors.leave("192.0.2.1");
    assert.equal(doors.enter("192.0.2.1"), "admitted");
  });

  it("has no limit for an address if told so", () => {
    fill(admission({ maxConnectionsPerAddress: null }), "192.0.2.1", 100);
  });

  it("never limits loopback, however it is written", () => {
    for (const address of ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1", ""]) {
      fill(admission(), address, 10);
    }
  });

  it("counts an IPv4 address and the same within IPv6 together", () => {
    const doors = admission();
    fill(doors, "192.0.2.1", 1);
    fill(doors, "::ffff:192.0.2.1", 1);
    assert.equal(doors.enter("192.0.2.1"), "address");
    doors.leave("::ffff:192.0.2.1");
    assert.equal(doors.enter("192.0.2.1"), "admitted");
  });

  it("counts an IPv6 network of 64 bits as one, however its addresses are written", () => {
    for (const [first, second, third] of [
      ["2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:2:3:4:5:6"],
      ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:1:2:3:4"],
      ["fe80::1", "fe80::2:1", "fe80:0:0:0:3::"],
      ["::2", "::3:4", "0:0:0:0:5:6:7:8"],
    ] as const) {
      const doors = admission();
      fill(doors, first, 1);
      fill(doors, second, 1);
      assert.equal(doors.enter(third), "address", third);
    }
    const doors = admission();
    fill(doors, "2001:db8:1:2::1", 2);
    assert.equal(doors.enter("2001:db8:1:3::1"), "admitted", "the next network");
  });

  it("exempts addresses and subnets of either family", () => {
    const doors = admission({ exemptAddresses: ["192.0.2.7", "10.0.0.0/8", "2001:db8::7", "fd00::/8"] });
    for (const address of ["192.0.2.7", "10.9.8.7", "::ffff:10.9.8.7", "2001:db8::7", "fd12:3456::1"]) {
      fill(doors, address, 5);
    }
    fill(doors, "192.0.2.8", 2);
    assert.equal(doors.enter("192.0.2.8"), "address");
  });

  it("counts what isn't an address by its name", () => {
    const doors = admission();
    fill(doors, "/run/some.sock", 2);
    assert.equal(doors.enter("/run/some.sock"), "address");
  });
});
