import { isThenable } from "../internal/thenable.ts";
import { type ByteStream, type Decision, type RefusalCause, StreamRequest } from "../transport/index.ts";
import type { Refusal, UpgradeRequest } from "../websocket/index.ts";
import type { HandshakeRequest, Subprotocols } from "./options.ts";
import { isAllowedHost, isAllowedOrigin } from "./origin-check.ts";
import { HandshakeRefusal } from "./refuse.ts";
import type { RouteMatch, Router } from "./router.ts";

const NOT_FOUND: Refusal = { status: 404, message: "Nothing is served at this path" };
const FOREIGN_ORIGIN: Refusal = { status: 403, message: "Pages of this origin may not connect here" };
const FOREIGN_HOST: Refusal = {
  status: 421,
  message: "This server is not known under this name; see its option hosts",
};

/** Decides about requests to open: route, origin, authentication, subprotocol, in this order. */
export class ServerGate {
  readonly #router: Router;
  readonly #hosts: () => readonly string[] | undefined;

  /** @param hosts The names that pages may use, once it is known where the server listens. */
  constructor(router: Router, hosts: () => readonly string[] | undefined) {
    this.#router = router;
    this.#hosts = hosts;
  }

  decide(request: UpgradeRequest, peer: ByteStream): Decision | PromiseLike<Decision> {
    const found = this.#router.find(request.path);
    if (found === undefined) return refusal(NOT_FOUND, "notFound");
    if (!isAllowedHost(request, this.#hosts())) return refusal(FOREIGN_HOST, "host");
    if (!isAllowedOrigin(request, peer.encrypted, found.route.origins))
      return refusal(FOREIGN_ORIGIN, "origin");
    const { authenticate } = found.route;
    if (authenticate === undefined && isList(found.route.subprotocols)) {
      return accept(found, request, { data: undefined, seen: undefined });
    }
    const seen = new SeenRequest(request, found, peer);
    try {
      const data = authenticate?.(seen);
      if (!isThenable(data)) return accept(found, request, { data, seen });
      return data.then(
        (awaited) => accept(found, request, { data: awaited, seen }),
        (error: unknown) => thrownRefusal(error),
      );
    } catch (error) {
      return thrownRefusal(error);
    }
  }
}

// Whoever throws a refusal means what whoever returns it does.
function thrownRefusal(error: unknown): Decision {
  if (error instanceof HandshakeRefusal) return refusal(error, "authentication");
  throw error;
}

function accept(
  { route, params }: RouteMatch,
  request: UpgradeRequest,
  { data, seen }: { data: unknown; seen: HandshakeRequest | undefined },
): Decision {
  if (data instanceof HandshakeRefusal) return refusal(data, "authentication");
  const subprotocol = chooseSubprotocol(route.subprotocols, request, seen);
  return { kind: "accept", profile: route.profile, subprotocol, data, params };
}

// RFC 6455 §4.2.2: one of those that the client has offered, or none.
function chooseSubprotocol(
  spoken: Subprotocols,
  request: UpgradeRequest,
  seen: HandshakeRequest | undefined,
): string {
  if (isList(spoken)) {
    if (spoken.length === 0) return "";
    const offered = request.subprotocols;
    return spoken.find((name) => offered.includes(name)) ?? "";
  }
  const offered = request.subprotocols;
  const chosen = seen === undefined ? undefined : spoken(offered, seen);
  return chosen !== undefined && offered.includes(chosen) ? chosen : "";
}

function refusal(answer: Refusal, cause: RefusalCause): Decision {
  return { kind: "refuse", refusal: answer, cause };
}

function isList(subprotocols: Subprotocols): subprotocols is readonly string[] {
  return typeof subprotocols !== "function";
}

/** The request, as a user's code sees it while it is decided about. */
class SeenRequest extends StreamRequest implements HandshakeRequest {
  readonly #request: UpgradeRequest;

  constructor(request: UpgradeRequest, { params }: RouteMatch, peer: ByteStream) {
    super(request, params, peer);
    this.#request = request;
  }

  get subprotocols(): string[] {
    return this.#request.subprotocols;
  }

  get origin(): string | undefined {
    return this.#request.origin;
  }

  get host(): string {
    return this.#request.host;
  }
}
