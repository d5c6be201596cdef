import { type ExtensionOffer, parseExtensions } from "./extension-header.ts";

/** What both sides have agreed on, or what one of them wants (RFC 7692 §7.1). */
export interface DeflateParams {
  /** Whether the server starts each message with an empty window, so that neither side keeps one for it. */
  readonly serverNoContextTakeover: boolean;
  /** Whether the client does. */
  readonly clientNoContextTakeover: boolean;
  /** The server's window is 2 to this power of bytes: 9 to 15 for one that sends from here. */
  readonly serverMaxWindowBits: number;
  /** The client's: 8 to 15 as seen from a server, 9 to 15 for a client that sends from here. */
  readonly clientMaxWindowBits: number;
}

/** What was agreed on, with the value of `Sec-WebSocket-Extensions` that says so. */
export interface DeflateAgreement {
  readonly params: DeflateParams;
  readonly header: string;
}

/** What a client makes of the server's answer. */
export type DeflateAnswer =
  | { readonly kind: "accepted"; readonly params: DeflateParams }
  | { readonly kind: "refused"; readonly reason: string };

const NAME = "permessage-deflate";

const MAX_WINDOW_BITS = 15;
/** zlib can inflate with a window of 2^8 bytes, but not deflate with it. */
const MIN_OWN_WINDOW_BITS = 9;

/** §7.1.2: "a decimal integer value without leading zeroes between 8 to 15 inclusive" */
const WINDOW_BITS: ReadonlyMap<string | true, number> = new Map(
  [8, 9, 10, 11, 12, 13, 14, 15].map((bits) => [String(bits), bits]),
);

/** The parameters of one offer or answer; undefined where it says nothing. */
interface StatedParams {
  serverNoContextTakeover: boolean;
  clientNoContextTakeover: boolean;
  serverMaxWindowBits: number | undefined;
  /** true: without a value */
  clientMaxWindowBits: number | true | undefined;
}

/**
 * The server's part: takes the first offer that can be honoured.
 *
 * @param offers All that the client offers, of whatever extension.
 * @param options What the server wants: the largest windows, and whether it insists on no context takeover.
 * @returns undefined if there is no such offer; the connection then does without compression
 */
export function negotiateDeflate(
  offers: readonly ExtensionOffer[],
  options: DeflateParams,
): DeflateAgreement | undefined {
  for (const offer of offers) {
    const stated = offer.name === NAME ? readParams(offer) : undefined;
    const params = stated === undefined ? undefined : acceptOffer(stated, options);
    if (params !== undefined && stated !== undefined) return { params, header: answerHeader(params, stated) };
  }
  return undefined;
}

/** The client's part: the value of `Sec-WebSocket-Extensions` for its request. */
export function deflateOffer(options: DeflateParams): string {
  const { clientMaxWindowBits } = options;
  const named = namedParams(options, options.serverMaxWindowBits < MAX_WINDOW_BITS);
  // §7.1.2.2: without a value it says no more than that the server may limit the client's window.
  return `${named}; client_max_window_bits${clientMaxWindowBits < MAX_WINDOW_BITS ? `=${clientMaxWindowBits}` : ""}`;
}

/**
 * The client's part: checks the server's answer to {@link deflateOffer} (§7.1: "If the negotiation response is invalid,
 * the client MUST fail the connection").
 *
 * @param header The answer's `Sec-WebSocket-Extensions`.
 * @param options What was offered.
 */
export function acceptDeflate(header: string, options: DeflateParams): DeflateAnswer {
  const answers = parseExtensions(header);
  const answer = answers?.[0];
  if (answers === undefined || answer === undefined)
    return refused("the extensions of the answer are malformed");
  if (answers.length > 1 || answer.name !== NAME)
    return refused("the answer has an extension that wasn't offered");
  const stated = readParams(answer);
  return stated === undefined
    ? refused("a parameter of permessage-deflate is invalid")
    : judgeAnswer(stated, options);
}

function acceptOffer(stated: StatedParams, options: DeflateParams): DeflateParams | undefined {
  const modes = takeover(stated, options);
  const serverMaxWindowBits = Math.min(
    stated.serverMaxWindowBits ?? MAX_WINDOW_BITS,
    options.serverMaxWindowBits,
  );
  if (serverMaxWindowBits < MIN_OWN_WINDOW_BITS) return undefined;
  const client = stated.clientMaxWindowBits;
  if (client === undefined) {
    // §7.1.2.2: a client that doesn't mention its window can't be told to make it smaller. Only with context takeover does
    // it cost memory here between messages.
    if (options.clientMaxWindowBits < MAX_WINDOW_BITS && !modes.clientNoContextTakeover) return undefined;
    return { ...modes, serverMaxWindowBits, clientMaxWindowBits: MAX_WINDOW_BITS };
  }
  const offered = client === true ? MAX_WINDOW_BITS : client;
  return {
    ...modes,
    serverMaxWindowBits,
    clientMaxWindowBits: Math.min(offered, options.clientMaxWindowBits),
  };
}

/** Each side may ask for no context takeover in either direction, and whoever is asked does without. */
function takeover(
  stated: StatedParams,
  options: DeflateParams,
): Pick<DeflateParams, "serverNoContextTakeover" | "clientNoContextTakeover"> {
  return {
    serverNoContextTakeover: stated.serverNoContextTakeover || options.serverNoContextTakeover,
    clientNoContextTakeover: stated.clientNoContextTakeover || options.clientNoContextTakeover,
  };
}

function judgeAnswer(stated: StatedParams, options: DeflateParams): DeflateAnswer {
  const { serverMaxWindowBits = MAX_WINDOW_BITS, clientMaxWindowBits = options.clientMaxWindowBits } = stated;
  if (options.serverNoContextTakeover && !stated.serverNoContextTakeover) {
    return refused("the server didn't agree to server_no_context_takeover");
  }
  // Silence means the largest window.
  if (serverMaxWindowBits > options.serverMaxWindowBits)
    return refused("the server's window is larger than offered");
  // §7.1.2.2: in an answer, the parameter has a value.
  if (clientMaxWindowBits === true) return refused("client_max_window_bits has no value");
  if (clientMaxWindowBits > options.clientMaxWindowBits)
    return refused("the client's window is larger than offered");
  if (clientMaxWindowBits < MIN_OWN_WINDOW_BITS) return refused("a window of 2^8 bytes can't be used here");
  return {
    kind: "accepted",
    params: { ...takeover(stated, options), serverMaxWindowBits, clientMaxWindowBits },
  };
}

/**
 * Reads the parameters, by the rules that hold for offers and answers alike.
 *
 * @returns undefined if one is unknown, invalid or given twice: §7.1: the offer is to be declined, or the connection failed
 */
function readParams(offer: ExtensionOffer): StatedParams | undefined {
  const stated: StatedParams = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  };
  if (offer.hasDuplicates) return undefined;
  for (const [name, value] of offer.params) {
    if (!readParam(stated, name, value)) return undefined;
  }
  return stated;
}

function readParam(stated: StatedParams, name: string, value: string | true): boolean {
  const bits = WINDOW_BITS.get(value);
  switch (name) {
    case "server_no_context_takeover":
      stated.serverNoContextTakeover = true;
      return value === true;
    case "client_no_context_takeover":
      stated.clientNoContextTakeover = true;
      return value === true;
    case "server_max_window_bits":
      stated.serverMaxWindowBits = bits;
      return bits !== undefined;
    case "client_max_window_bits":
      stated.clientMaxWindowBits = value === true ? true : bits;
      return stated.clientMaxWindowBits !== undefined;
    default:
      return false;
  }
}

/** Made of our own words and of numbers: nothing of what the client sent is sent back. */
function answerHeader(params: DeflateParams, stated: StatedParams): string {
  // §7.1.2.1: an offer that limits the server's window is accepted by saying so; it may be limited unasked, too.
  const limitsServer =
    stated.serverMaxWindowBits !== undefined || params.serverMaxWindowBits < MAX_WINDOW_BITS;
  const limitsClient = stated.clientMaxWindowBits !== undefined;
  const named = namedParams(params, limitsServer);
  return limitsClient ? `${named}; client_max_window_bits=${params.clientMaxWindowBits}` : named;
}

function namedParams(params: DeflateParams, limitsServer: boolean): string {
  let header = NAME;
  if (params.serverNoContextTakeover) header += "; server_no_context_takeover";
  if (params.clientNoContextTakeover) header += "; client_no_context_takeover";
  if (limitsServer) header += `; server_max_window_bits=${params.serverMaxWindowBits}`;
  return header;
}

function refused(reason: string): DeflateAnswer {
  return { kind: "refused", reason };
}
