import { invalidOption, type SluiceError } from "../errors/index.ts";
import { quoted } from "./printable.ts";
import { type SettingValues, serveSettings, variableOf } from "./serve-settings.ts";

/**
 * The settings that stand in `SLUICE_*` variables; an empty one counts as not set. Others of that name are left alone: an
 * orchestrator may have put them there.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): SettingValues {
  const values: Record<string, unknown> = {};
  for (const [key, { kind }] of Object.entries(serveSettings)) {
    const option = variableOf(key);
    const text = environment[option];
    if (text === undefined || text === "") continue;
    const value = kind.fromText(text);
    if (value === undefined) throw invalidVariable(option, text, kind.expects);
    values[key] = value;
  }
  return values;
}

function invalidVariable(option: string, text: string, expects: string): SluiceError {
  // For a service named "sluice", Kubernetes sets SLUICE_PORT to a URL.
  const hint = text.startsWith("tcp://")
    ? " (Kubernetes sets this one for a service of that name: turn enableServiceLinks off)"
    : "";
  const problem = `it must be ${expects}, not ${quoted(text, 80)}${hint}`;
  return invalidOption(option, problem);
}
