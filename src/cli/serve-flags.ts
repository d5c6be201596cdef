import { type Command, Option } from "commander";
import { invalidOption } from "../errors/index.ts";
import { quoted } from "./printable.ts";
import { flagOf, type SettingValues, serveSettings } from "./serve-settings.ts";

/** Adds a flag for each setting. Their values are read by {@link settingsFromFlags}, so that all sources are judged alike. */
export function addServeFlags(command: Command): void {
  for (const [key, { kind, heading, summary, fallback }] of Object.entries(serveSettings)) {
    const flag = flagOf(key);
    const value = kind.placeholder === "" ? "" : ` <${kind.placeholder}>`;
    command.addOption(new Option(`${flag}${value}`, `${summary} (default: ${fallback})`).helpGroup(heading));
    if (value === "") command.addOption(new Option(`--no-${flag.slice(2)}`).hideHelp());
  }
}

/**
 * The settings among what commander has parsed, which names them by their keys.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function settingsFromFlags(flags: Readonly<Record<string, unknown>>): SettingValues {
  const values: Record<string, unknown> = {};
  for (const [key, { kind }] of Object.entries(serveSettings)) {
    const given = flags[key];
    if (given === undefined) continue;
    const value = typeof given === "string" ? kind.fromText(given) : kind.fromValue(given);
    if (value === undefined) {
      const problem = `it must be ${kind.expects}, not ${quoted(String(given), 80)}`;
      throw invalidOption(flagOf(key), problem);
    }
    values[key] = value;
  }
  return values;
}
