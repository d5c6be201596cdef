/**
 * Bytes that count how often one of them is looked at: a linear scan can be told from a quadratic one without a clock.
 */
export function countedBytes(bytes: Buffer): { readonly bytes: Buffer; readonly reads: () => number } {
  let reads = 0;
  const proxy = new Proxy(bytes, {
    get(target, property): unknown {
      if (typeof property === "string" && /^-?\d+$/.test(property)) {
        reads++;
        return target[Number(property)];
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { bytes: proxy, reads: () => reads };
}

/** How often a character of any string is looked at while `work` runs. */
export function countCharacterReads(work: () => void): number {
  const original = String.prototype.charCodeAt;
  let reads = 0;
  String.prototype.charCodeAt = function (this: string, index: number): number {
    reads++;
    return original.call(this, index);
  };
  try {
    work();
  } finally {
    String.prototype.charCodeAt = original;
  }
  return reads;
}
