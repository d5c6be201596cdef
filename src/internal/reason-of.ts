/**
 * Why something failed, in words that can stand within a sentence: without a full stop, and never empty. What Node gives when none of a
 * host's addresses can be connected to says something only in its parts.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  const text = error instanceof Error ? error.message || nameOf(error) : String(error);
  return text.replace(/\.$/, "") || "no reason was given";
}

function nameOf(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === "string") return code;
  return error.name === "Error" ? "" : error.name;
}
