import * as z from "zod";
import { SluiceError } from "../errors/index.ts";
import { type ConnectionGroup, type RouteOptions, route } from "../server/index.ts";
import type { Connection } from "../transport/index.ts";
import type { ChatMessage, ChatMessages } from "./chat-messages.ts";

/** How many messages one who comes is shown. */
export const SHOWN_ON_OPENING = 50;
const MAX_NAME = 40;
const MAX_TEXT = 500;
const MAX_REF = 64;
const MAX_MESSAGE_BYTES = 8 * 1024;
const MESSAGES_PER_SECOND = 10;

// Neither what no terminal and no page should be made to show, nor halves of characters, which no database keeps.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u;

const line = (most: number): z.ZodType<string> =>
  z
    .string("must be a text")
    .transform((text) => text.trim())
    .refine((text) => text !== "", "must not be empty")
    .refine((text) => text.length <= most, `must have at most ${most} characters`)
    .refine((text) => !UNPRINTABLE.test(text), "must be one line of printable text");

const incoming = z.strictObject({
  name: line(MAX_NAME),
  text: line(MAX_TEXT),
  /** Comes back to its sender alone, with what became of the message. */
  ref: z.string().max(MAX_REF).optional(),
});

type Incoming = z.infer<typeof incoming>;

/** What the chat sends. A message may come twice, within `history` and by itself: its id tells. */
export type ChatEvent =
  | {
      readonly type: "history";
      readonly keptIn: "memory" | "database";
      readonly messages: readonly ChatMessage[];
    }
  | ({ readonly type: "message" } & ChatMessage)
  /** To the sender: it is kept, and all have got it. */
  | { readonly type: "kept"; readonly ref: string; readonly id: number }
  /** To the sender: it is not kept, and nobody got it. */
  | { readonly type: "refused"; readonly ref?: string; readonly code: string; readonly reason: string };

/** What the chat needs. */
export interface ChatOptions {
  readonly messages: Pick<ChatMessages, "add" | "latest">;
  readonly keptIn: "memory" | "database";
  /** Those who are in the chat. */
  readonly members: () => ConnectionGroup;
  /** Told of what went wrong with the database. */
  readonly report: (error: unknown, socket: Connection) => void;
}

/**
 * `/chat`: whoever comes gets the last messages, then each as it comes. All get a message only once it is kept, so that nothing is seen
 * that could be lost.
 */
export function chatRoute(options: ChatOptions): RouteOptions {
  return route({
    // One message of a connection at a time: who sends faster than the database keeps up waits, by TCP.
    handler: (socket) => serveChat(socket, options),
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxMessagesPerSecond: MESSAGES_PER_SECOND,
  });
}

async function serveChat(socket: Connection, options: ChatOptions): Promise<void> {
  // First of all, so that no message falls between those that were there and those that come.
  options.members().add(socket);
  await sendHistory(socket, options);
  for await (const message of socket) await take(socket, String(message), options);
}

async function sendHistory(socket: Connection, { messages, keptIn, report }: ChatOptions): Promise<void> {
  try {
    tell(socket, { type: "history", keptIn, messages: await messages.latest(SHOWN_ON_OPENING) });
  } catch (error) {
    report(error, socket);
    tell(socket, {
      type: "refused",
      code: codeOf(error),
      reason: "The earlier messages can't be read at present.",
    });
  }
}

async function take(
  socket: Connection,
  text: string,
  { messages, members, report }: ChatOptions,
): Promise<void> {
  const read = parse(text);
  if (typeof read === "string")
    return tell(socket, { type: "refused", code: "INVALID_MESSAGE", reason: read });
  const { ref } = read;
  try {
    const kept = await messages.add(read.name, read.text);
    members().send(JSON.stringify({ type: "message", ...kept } satisfies ChatEvent));
    if (ref !== undefined) tell(socket, { type: "kept", ref, id: kept.id });
  } catch (error) {
    report(error, socket);
    const reason = "The message could not be kept, so nobody got it. Try again.";
    tell(socket, { type: "refused", ...(ref !== undefined && { ref }), code: codeOf(error), reason });
  }
}

/** @returns what is wrong with it, as a sentence, if something is */
function parse(text: string): Incoming | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'Send JSON, such as {"name":"Ada","text":"hello"}.';
  }
  const result = incoming.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return `Correct the message: ${issue?.path.join(".") || "it"} ${issue?.message ?? "is wrong"}.`;
}

function tell(socket: Connection, event: ChatEvent): void {
  socket.send(JSON.stringify(event));
}

function codeOf(error: unknown): string {
  return error instanceof SluiceError ? error.code : "UNKNOWN";
}
