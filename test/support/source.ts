import ts from "typescript";
import { filesUnder, readText } from "./pages.ts";

/** A file of src, parsed. */
function parsed(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readText(path), ts.ScriptTarget.Latest, true);
}

/** The TypeScript files under a folder, parsed. */
export function parsedUnder(...folders: string[]): ts.SourceFile[] {
  return folders.flatMap((folder) =>
    filesUnder(folder)
      .filter((path) => path.endsWith(".ts"))
      .map(parsed),
  );
}

/** Every node of a kind in some files. */
export function nodesOf<T extends ts.Node>(
  files: readonly ts.SourceFile[],
  isKind: (node: ts.Node) => node is T,
): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (isKind(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(file);
  return found;
}

/** The initializer of a constant at the top of a file, worked out if it is a product or a power of numbers. */
export function constantOf(path: string, name: string): number {
  const [declaration] = nodesOf([parsed(path)], ts.isVariableDeclaration).filter(
    (node) => node.name.getText() === name,
  );
  if (declaration?.initializer === undefined) throw new Error(`${path} has no constant ${name}`);
  return worthOf(declaration.initializer);
}

function worthOf(node: ts.Expression): number {
  if (ts.isNumericLiteral(node)) return Number(node.text.replaceAll("_", ""));
  if (ts.isBinaryExpression(node)) {
    const [left, right] = [worthOf(node.left), worthOf(node.right)];
    return node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken ? left ** right : left * right;
  }
  throw new Error(`${node.getText()} is no number`);
}
