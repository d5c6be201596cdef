const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

/** The server's figures, once a second for as long as the page is looked at. Comes back by itself after the server does. */
export class LiveFeed {
  #url;
  #onFigures;
  #onState;
  #socket;
  #timer;
  #retryMs = FIRST_RETRY_MS;

  /**
   * @param {string} url
   * @param {(figures: object) => void} onFigures
   * @param {(state: "connecting" | "open" | "failed") => void} onState
   */
  constructor(url, onFigures, onState) {
    this.#url = url;
    this.#onFigures = onFigures;
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
    socket.addEventListener("message", ({ data }) => this.#onFigures(JSON.parse(data)));
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

  #retryLater() {
    this.#socket = undefined;
    this.#onState("failed");
    // A random part, so that all pages don't come back in the same moment.
    const delay = this.#retryMs * (0.5 + Math.random());
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#timer = setTimeout(() => this.start(), delay);
  }
}
