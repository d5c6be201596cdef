// What the compiler leaves behind: files that are served as they are go to dist beside the code that reads them.

import { cpSync, rmSync } from "node:fs";

const ASSET_FOLDERS = ["admin/page"];

process.chdir(new URL("..", import.meta.url).pathname);
for (const folder of ASSET_FOLDERS) {
  rmSync(`dist/${folder}`, { recursive: true, force: true });
  cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true });
}
