const UNITS = ["bytes", "KiB", "MiB", "GiB"] as const;

/** A number of bytes as people say it: `1 MiB`. */
export function quantity(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${Number(amount.toFixed(1)).toLocaleString("en")} ${UNITS[unit]}`;
}
