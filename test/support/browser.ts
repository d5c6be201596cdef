import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";

// No GPU, and nothing that it does by itself: this browser talks to the server under test alone.
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why tests with a browser are left out; false if they aren't. Where CI is set they never are, so that they can't be forgotten. */
export const browserSkip: string | false =
  existsSync(EXECUTABLE) || process.env["CI"] ? false : `Chromium is not installed at ${EXECUTABLE}`;

/** Starts a headless Chromium. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}
