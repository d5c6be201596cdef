import { child } from "./child.js";
import { LiveFeed } from "./live-feed.js";

const MAX_LINES = 200;
const NAME_KEY = "sluice.chat.name";
const KEPT = {
  memory: "Kept in SQLite, in memory: gone when this server ends. With --database sqlite:chat.db it stays.",
  database: "Kept in this server's database: it is still here when the server has been started again.",
};

/** The chat: its last messages at once, then each as it comes. What is sent is shown when the server has it in its database. */
export class Chat {
  #feed;
  #log;
  #parts;
  #lines = new Map();
  #unconfirmed = new Map();
  #sent = 0;

  /**
   * Connects when the card comes into view.
   *
   * @param {HTMLElement} card
   * @param {string} url
   */
  constructor(card, url) {
    const part = (role) => card.querySelector(`[data-role=${role}]`);
    this.#log = part("log");
    this.#parts = {
      state: part("state"),
      kept: part("kept"),
      name: part("name"),
      text: part("text"),
      send: part("send").querySelector("button"),
    };
    this.#parts.name.value = remembered();
    part("send").addEventListener("submit", (event) => this.#onSend(event));
    this.#feed = new LiveFeed(
      url,
      (event) => this.#onEvent(event),
      (state) => this.#onState(state),
    );
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      this.#onState("connecting");
      this.#feed.start();
    });
    observer.observe(card);
  }

  #onEvent(event) {
    if (event.type === "history") this.#onHistory(event);
    else if (event.type === "message") this.#show([event]);
    else if (event.type === "kept") this.#unconfirmed.delete(event.ref);
    else this.#onRefused(event);
  }

  #onHistory({ keptIn, messages }) {
    this.#parts.kept.textContent = KEPT[keptIn];
    this.#show(messages);
    const empty = this.#log.querySelector(".empty");
    if (empty !== null) empty.textContent = "Nobody has said anything yet. Be the first.";
  }

  #onRefused({ ref, reason }) {
    this.#problem(reason);
    const text = this.#unconfirmed.get(ref);
    this.#unconfirmed.delete(ref);
    // What was typed meanwhile is left alone.
    if (text !== undefined && this.#parts.text.value === "") this.#parts.text.value = text;
  }

  #onState(state) {
    const words = { connecting: "Connecting…", open: "Connected", failed: "Away, trying again" };
    this.#parts.state.dataset.state = state;
    this.#parts.state.textContent = words[state];
    this.#parts.text.disabled = state !== "open";
    this.#parts.send.disabled = state !== "open";
    if (state === "failed" && this.#unconfirmed.size > 0) {
      this.#problem("The connection was lost before the server could say that it has your last message.");
      this.#unconfirmed.clear();
    }
  }

  #onSend(event) {
    event.preventDefault();
    const { name, text } = this.#parts;
    const message = { name: name.value.trim(), text: text.value.trim(), ref: String(++this.#sent) };
    if (message.name === "" || message.text === "") return;
    if (!this.#feed.send(JSON.stringify(message))) return;
    this.#unconfirmed.set(message.ref, text.value);
    remember(message.name);
    text.value = "";
    text.focus({ preventScroll: true });
  }

  // A message may come twice, or before an earlier one: its id says which it is, and where it belongs.
  #show(messages) {
    const fresh = messages.filter(({ id }) => !this.#lines.has(id));
    if (fresh.length === 0) return;
    const isAtEnd = this.#isAtEnd();
    this.#log.querySelector(".empty")?.remove();
    for (const message of fresh) {
      const line = lineOf(message);
      this.#lines.set(message.id, line);
      const before = this.#lineBefore(message.id);
      if (before === undefined) this.#log.prepend(line);
      else before.after(line);
    }
    this.#trim(isAtEnd);
  }

  #lineBefore(id) {
    for (let line = this.#log.lastElementChild; line !== null; line = line.previousElementSibling) {
      if (Number(line.dataset.id) < id) return line;
    }
    return undefined;
  }

  #problem(text) {
    const isAtEnd = this.#isAtEnd();
    const line = child("li", "problem", text);
    // It stays where it was said, between the messages before and after.
    line.dataset.id = this.#log.lastElementChild?.dataset.id ?? 0;
    this.#log.append(line);
    this.#trim(isAtEnd);
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    return scrollHeight - scrollTop - clientHeight < 24;
  }

  #trim(isAtEnd) {
    while (this.#log.childElementCount > MAX_LINES) {
      const first = this.#log.firstElementChild;
      if (!first.classList.contains("problem")) this.#lines.delete(Number(first.dataset.id));
      first.remove();
    }
    // Who has scrolled up to read is left in peace.
    if (isAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }
}

function lineOf({ id, name, text, at }) {
  const line = document.createElement("li");
  line.dataset.id = id;
  const date = new Date(at);
  const time = child("time", "", date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }));
  time.dateTime = date.toISOString();
  time.title = date.toLocaleString();
  line.append(time, child("strong", "author", name), child("span", "text", text));
  return line;
}

// A browser may forbid pages to keep anything.
function remembered() {
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    return "";
  }
}

function remember(name) {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // It is asked for again next time.
  }
}
