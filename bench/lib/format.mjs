// Numbers as the tables show them.

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Three digits that count: 0.123, 1.23, 12.3, 123. @param {number} value */
export function significant(value) {
  if (!Number.isFinite(value)) return "-";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return digits === 0 ? grouped.format(value) : value.toFixed(Math.min(digits, 3));
}

/** Per second. @param {number} value */
export function count(value) {
  if (value >= 1e6) return `${significant(value / 1e6)} M`;
  if (value >= 1e4) return `${significant(value / 1e3)} k`;
  return grouped.format(value);
}

/** @param {number} value */
export const micros = (value) => `${significant(value)} µs`;

/** @param {number} value */
export const millis = (value) =>
  value >= 10_000 ? `${significant(value / 1000)} s` : `${significant(value)} ms`;

/** @param {number} value */
export function bytes(value) {
  if (Math.abs(value) >= 1024 ** 3) return `${significant(value / 1024 ** 3)} GiB`;
  if (Math.abs(value) >= 1024 ** 2) return `${significant(value / 1024 ** 2)} MiB`;
  if (Math.abs(value) >= 1024) return `${significant(value / 1024)} KiB`;
  return `${grouped.format(value)} B`;
}

/** @param {number} value */
export const times = (value) => `${significant(value)} x`;

/** Rounded down, so that 100% is only said of all. @param {number} value */
export const percent = (value) => `${(Math.floor(value * 1000) / 10).toFixed(value >= 0.9995 ? 0 : 1)}%`;

/** @param {number} value */
export const plain = (value) => grouped.format(value);
