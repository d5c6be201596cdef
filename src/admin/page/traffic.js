const STEP = 10;
const MAX_CONNECTIONS = 100;
const BURST = 1000;

const count = new Intl.NumberFormat("en");

/** Buttons that open connections and send messages, so that one person alone can see the figures move. */
export class Traffic {
  #url;
  #sockets = new Set();
  #result;
  #buttons;
  #burst;

  /**
   * @param {HTMLElement} panel
   * @param {string} url - where each message has one reply
   */
  constructor(panel, url) {
    this.#url = url;
    this.#result = panel.querySelector("[data-role=result]");
    const button = (action) => panel.querySelector(`[data-action=${action}]`);
    this.#buttons = { open: button("open"), burst: button("burst"), close: button("close") };
    this.#buttons.open.addEventListener("click", () => this.#open());
    this.#buttons.burst.addEventListener("click", () => this.#sendBurst());
    this.#buttons.close.addEventListener("click", () => this.#closeAll());
  }

  async #open() {
    const missing = Math.min(STEP, MAX_CONNECTIONS - this.#sockets.size);
    await Promise.all(Array.from({ length: missing }, () => this.#openOne()));
  }

  #openOne() {
    const socket = new WebSocket(this.#url);
    this.#sockets.add(socket);
    this.#refresh();
    const { promise, resolve } = Promise.withResolvers?.() ?? deferred();
    socket.addEventListener("open", resolve);
    socket.addEventListener("message", () => this.#countReply());
    socket.addEventListener("close", () => {
      this.#sockets.delete(socket);
      this.#refresh();
      resolve();
    });
    return promise;
  }

  async #sendBurst() {
    if (this.#burst !== undefined) return;
    this.#buttons.burst.disabled = true;
    if (this.#sockets.size === 0) await this.#open();
    const open = [...this.#sockets].filter((socket) => socket.readyState === WebSocket.OPEN);
    if (open.length === 0) {
      this.#endBurst("The server takes no connections at present.");
      return;
    }
    this.#burst = { startedAt: performance.now(), replies: 0, connections: open.length };
    for (let index = 0; index < BURST; index++) open[index % open.length].send(`message ${index + 1}`);
  }

  #countReply() {
    const burst = this.#burst;
    if (burst === undefined || ++burst.replies < BURST) return;
    const ms = performance.now() - burst.startedAt;
    this.#endBurst(
      `${count.format(BURST)} replies over ${burst.connections} connections in ${Math.round(ms)} ms.`,
    );
  }

  #endBurst(result) {
    this.#burst = undefined;
    this.#result.textContent = result;
    this.#refresh();
  }

  #closeAll() {
    for (const socket of this.#sockets) socket.close(1000);
  }

  #refresh() {
    const { size } = this.#sockets;
    this.#buttons.open.disabled = size >= MAX_CONNECTIONS;
    this.#buttons.close.disabled = size === 0;
    if (size === 0 && this.#burst !== undefined)
      this.#endBurst("The connections were closed before all replies had come.");
    this.#buttons.burst.disabled = this.#burst !== undefined;
  }
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
