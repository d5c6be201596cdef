import { invalidOption } from "../errors/index.ts";

/** Which byte stream carries plain TCP: `auto` takes the fast one where it can; `portable` never does. */
export type TransportChoice = "auto" | "portable";

/**
 * What `SLUICE_TRANSPORT` says; undefined where it says nothing.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function transportFromEnvironment(): TransportChoice | undefined {
  const value = process.env["SLUICE_TRANSPORT"];
  if (value === undefined || value === "") return undefined;
  if (value === "auto" || value === "portable") return value;
  throw invalidOption("SLUICE_TRANSPORT", `must be auto or portable, not ${JSON.stringify(value)}`);
}
