import type { Route } from "./resolve-options.ts";

/** A route that a path has matched. */
export interface RouteMatch {
  readonly route: Route;
  /** What stood in the place of its `:names`, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** Finds the route of a path: exact ones by a look-up, patterns one after the other. No regular expression meets what a peer has sent. */
export class Router {
  readonly #exact = new Map<string, RouteMatch>();
  readonly #patterns: { readonly segments: readonly string[]; readonly route: Route }[] = [];
  readonly #fallback: RouteMatch | undefined;

  constructor(routes: readonly Route[], fallback: Route | undefined) {
    for (const route of routes) {
      const segments = route.pattern.split("/").slice(1);
      const isExact = segments.every((segment) => segment !== "*" && !segment.startsWith(":"));
      if (isExact) this.#exact.set(route.pattern, { route, params: NO_PARAMS });
      else this.#patterns.push({ segments, route });
    }
    this.#fallback = fallback === undefined ? undefined : { route: fallback, params: NO_PARAMS };
  }

  /** @returns undefined if nothing matches, or a name in the path isn't validly encoded. */
  find(path: string): RouteMatch | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return exact;
    if (this.#patterns.length > 0) {
      const parts = path.split("/").slice(1);
      for (const { segments, route } of this.#patterns) {
        const params = match(segments, parts);
        if (params !== undefined) return { route, params };
      }
    }
    return this.#fallback;
  }
}

/** What is wrong with a pattern, so that it would never match what a client can send; undefined if nothing is. */
export function problemOfRoutePattern(pattern: string): string | undefined {
  if (!/^\/[^?#]*$/.test(pattern)) return "a route begins with a slash and has neither ? nor #";
  const sent = new URL(`http://localhost${pattern}`).pathname;
  if (sent !== pattern) return `write it as clients send it: ${sent}`;
  const segments = pattern.split("/").slice(1);
  if (
    segments.some(
      (segment, index) => segment.includes("*") && (segment !== "*" || index < segments.length - 1),
    )
  )
    return "a * is the last segment, and all of it: /files/*";
  const names = segments.filter((segment) => segment.startsWith(":"));
  if (names.includes(":")) return "a : is followed by a name: /group/:name";
  return new Set(names).size < names.length ? "it has a name twice" : undefined;
}

function match(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const rest = segments.at(-1) === "*";
  if (rest ? parts.length < segments.length : parts.length !== segments.length) return undefined;
  const params: Record<string, string> = Object.create(null);
  for (const [index, segment] of segments.entries()) {
    if (rest && index === segments.length - 1) {
      params["*"] = parts.slice(index).join("/");
    } else if (segment.startsWith(":")) {
      const value = decode(parts[index] as string);
      if (value === undefined || value === "") return undefined;
      params[segment.slice(1)] = value;
    } else if (segment !== parts[index]) {
      return undefined;
    }
  }
  return params;
}

function decode(part: string): string | undefined {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
