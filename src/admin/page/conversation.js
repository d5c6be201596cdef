import { describeMessage, MessageLog } from "./message-log.js";

/** A card with one connection: a button that opens and closes it, what was said, and a line to type in. */
export class Conversation {
  #words;
  #urlOf;
  #log;
  #parts;
  #socket;
  #sentAt = [];

  /**
   * @param {HTMLElement} card
   * @param {() => string} urlOf - where to connect to, asked each time
   * @param words - `open`, `close`, `opened`, `closed`: how this card calls it; `isEcho`: whether each message has one reply
   */
  constructor(card, urlOf, words) {
    const part = (role) => card.querySelector(`[data-role=${role}]`);
    this.#words = words;
    this.#urlOf = urlOf;
    this.#log = new MessageLog(part("log"));
    this.#parts = {
      state: part("state"),
      toggle: part("toggle"),
      name: part("name"),
      text: part("text"),
      send: part("send").querySelector("button"),
    };
    part("connect").addEventListener("submit", (event) => this.#onToggle(event));
    part("send").addEventListener("submit", (event) => this.#onSend(event));
  }

  #onToggle(event) {
    event.preventDefault();
    if (this.#socket !== undefined) {
      this.#show("closing", "Closing…");
      this.#socket.close(1000);
      return;
    }
    const socket = new WebSocket(this.#urlOf());
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#sentAt = [];
    this.#show("connecting", "Connecting…");
    socket.addEventListener("open", () => this.#onOpen());
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    socket.addEventListener("close", ({ code, reason }) => this.#onClose(code, reason));
  }

  #onOpen() {
    this.#show("open", this.#words.opened);
    this.#log.add("event", `connected to ${this.#socket.url}`);
    this.#parts.text.focus({ preventScroll: true });
  }

  #onMessage(data) {
    const sentAt = this.#words.isEcho ? this.#sentAt.shift() : undefined;
    this.#log.add(
      "in",
      describeMessage(data),
      sentAt === undefined ? "" : `${(performance.now() - sentAt).toFixed(1)} ms`,
    );
  }

  #onClose(code, reason) {
    const wasOpen = this.#parts.state.dataset.state !== "connecting";
    this.#socket = undefined;
    const isFine = code === 1000 || code === 1001 || code === 1005;
    this.#show(isFine ? "closed" : "failed", isFine ? this.#words.closed : wasOpen ? "Lost" : "Refused");
    const why = reason === "" ? "" : `: ${describeMessage(reason)}`;
    if (wasOpen) this.#log.add(isFine ? "event" : "problem", `closed with ${code}${why}`);
    else this.#log.add("problem", "the server did not accept the connection");
  }

  #onSend(event) {
    event.preventDefault();
    const { text } = this.#parts;
    if (this.#socket?.readyState !== WebSocket.OPEN || text.value === "") return;
    this.#socket.send(text.value);
    if (this.#words.isEcho) this.#sentAt.push(performance.now());
    this.#log.add("out", describeMessage(text.value));
    text.value = "";
  }

  #show(state, words) {
    const { state: pill, toggle, name, text, send } = this.#parts;
    pill.dataset.state = state;
    pill.textContent = words;
    const isIdle = state === "closed" || state === "failed";
    toggle.textContent = isIdle ? this.#words.open : this.#words.close;
    toggle.dataset.pressed = String(!isIdle);
    toggle.disabled = state === "closing";
    if (name !== null) name.readOnly = !isIdle;
    text.disabled = state !== "open";
    send.disabled = state !== "open";
  }
}
