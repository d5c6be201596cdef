// Checks the types of the examples, and of every block of TypeScript in the pages, against what the package exports.

import { fileURLToPath } from "node:url";
import ts from "typescript";
import { codeBlocks } from "./code-blocks.mjs";
import { listFiles } from "./list-files.mjs";

const root = new URL("..", import.meta.url);
process.chdir(fileURLToPath(root));

const config = ts.getParsedCommandLineOfConfigFile(
  "examples/tsconfig.json",
  {},
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: report },
);
const pages = ["README.md", "ARCHITECTURE.md", ...listFiles("docs").filter((path) => path.endsWith(".md"))];
const blocks = pages.flatMap((page) => codeBlocks(root, page));

// Each block is a file that isn't there, where the examples are.
const virtual = new Map(
  blocks.map((block, index) => [fileURLToPath(new URL(`examples/block-${index}.ts`, root)), block]),
);
const host = ts.createCompilerHost(config.options);
const { fileExists, readFile } = host;
host.fileExists = (path) => virtual.has(path) || fileExists(path);
host.readFile = (path) => virtual.get(path)?.code ?? readFile(path);

const program = ts.createProgram([...config.fileNames, ...virtual.keys()], config.options, host);
const problems = ts.getPreEmitDiagnostics(program);
for (const problem of problems) report(problem);
console.log(
  `examples: ${config.fileNames.length} files, ${blocks.length} blocks, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 && blocks.length > 0 ? 0 : 1;

function report({ file, start = 0, messageText }) {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line;
  const block = virtual.get(file?.fileName ?? "");
  const place = block === undefined ? `${file?.fileName}:${line + 1}` : `${block.page}:${block.line + line}`;
  console.error(`✖ ${place}: ${message}`);
}
