const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

/** What a WebSocket of the server pushes, such as its figures. Comes back by itself after the server does. */
export class LiveFeed {
  #url;
  #onMessage;
  #onState;
  #socket;
  #timer;
  #retryMs = FIRST_RETRY_MS;

  /**
   * @param {string} url
   * @param {(message: object) => void} onMessage - given what came, as an object
   * @param {(state: "connecting" | "open" | "failed") => void} onState
   */
  constructor(url, onMessage, onState) {
    this.#url = url;
    this.#onMessage = onMessage;
    this.#onState = onState;
  }

  start() {
    if (this.#socket !== undefined) return;
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#retryMs = FIRST_RETRY_MS;
      this.#onState("open");
    });
    socket.addEventListener("message", ({ data }) => this.#onMessage(JSON.parse(data)));
    socket.addEventListener("close", () => {
      if (this.#socket === socket) this.#retryLater();
    });
  }

  stop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  /** @returns whether it could be sent */
  send(text) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  #retryLater() {
    this.#socket = undefined;
    this.#onState("failed");
    // A random part, so that all pages don't come back in the same moment.
    const delay = this.#retryMs * (0.5 + Math.random());
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#timer = setTimeout(() => this.start(), delay);
  }
}
