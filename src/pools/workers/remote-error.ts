import { copied } from "./sendable.ts";

/** An error on its way between threads: structured cloning would lose its class, its code and its other properties. */
export type RemoteError =
  | {
      readonly kind: "error";
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly cause: RemoteError | undefined;
      /** Those of an AggregateError. */
      readonly errors: readonly RemoteError[] | undefined;
      /** Its own properties, such as `code`, as far as they can be sent. */
      readonly properties: Readonly<Record<string, unknown>>;
    }
  /** Something else was thrown. */
  | { readonly kind: "value"; readonly value: unknown };

type ErrorClass = new (message: string) => Error;

// Deeper causes, and more errors in one, are left out: an error is to be sent, whatever was done to it.
const MAX_DEPTH = 8;
const MAX_ERRORS = 32;

const classes: Readonly<Record<string, ErrorClass>> = Object.freeze({
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
});

/** Takes an error apart, so that it can be sent. Whatever was thrown, this doesn't throw. */
export function takeApart(thrown: unknown, depth = 0): RemoteError {
  if (!isError(thrown))
    return { kind: "value", value: (copied(thrown) ?? { value: describe(thrown) }).value };
  const inner = (error: unknown): RemoteError => takeApart(error, depth + 1);
  const goesOn = depth < MAX_DEPTH;
  const cause = goesOn && hasOwn(thrown, "cause") ? inner(read(thrown, "cause")) : undefined;
  return {
    kind: "error",
    name: text(read(thrown, "name")) ?? "Error",
    message: text(read(thrown, "message")) ?? "",
    stack: text(read(thrown, "stack")),
    cause,
    errors: goesOn ? errorsOf(thrown)?.map(inner) : undefined,
    properties: ownProperties(thrown),
  };
}

/** Puts it together again: of the class that it had if that is one of JavaScript's own, else an Error of that name. */
export function putTogether(remote: RemoteError): unknown {
  if (remote.kind === "value") return remote.value;
  const { name, message, stack, cause, errors, properties } = remote;
  const error = create(name, message, errors);
  if (error.name !== name) define(error, "name", name);
  if (stack !== undefined) define(error, "stack", stack);
  if (cause !== undefined) define(error, "cause", putTogether(cause));
  for (const [key, value] of Object.entries(properties)) define(error, key, value, true);
  return error;
}

function create(name: string, message: string, errors: readonly RemoteError[] | undefined): Error {
  if (errors !== undefined) return new AggregateError(errors.map(putTogether), message);
  return new ((Object.hasOwn(classes, name) ? classes[name] : undefined) ?? Error)(message);
}

// Defined, not assigned: a property called `__proto__` is one like any other.
function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}

function ownProperties(error: object): Record<string, unknown> {
  const properties: Record<string, unknown> = Object.create(null);
  for (const key of attempt(() => Object.keys(error)) ?? []) {
    if (key === "cause" || key === "errors" || key === "stack" || key === "message" || key === "name")
      continue;
    const copy = copied(read(error, key));
    if (copy !== undefined) properties[key] = copy.value;
  }
  return properties;
}

function errorsOf(error: object): unknown[] | undefined {
  const errors = read(error, "errors");
  return attempt(() => {
    if (!Array.isArray(errors)) return undefined;
    return Array.from({ length: Math.min(errors.length, MAX_ERRORS) }, (_, at): unknown => errors[at]);
  });
}

// One of another realm, such as of node:vm, is an error too.
function isError(thrown: unknown): thrown is object {
  const tag = (): string => Object.prototype.toString.call(thrown);
  return attempt(() => thrown instanceof Error || tag() === "[object Error]") ?? false;
}

function hasOwn(object: object, key: string): boolean {
  return attempt(() => Object.hasOwn(object, key)) ?? false;
}

function read(from: object, key: string): unknown {
  return attempt(() => (from as Record<string, unknown>)[key]);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function describe(thrown: unknown): string {
  return attempt(() => String(thrown)) ?? typeof thrown;
}

// Whatever looks at it may throw: a getter does as it likes, and a Proxy with everything.
function attempt<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
