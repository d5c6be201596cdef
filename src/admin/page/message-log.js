import { child } from "./child.js";

const MAX_LINES = 200;
const MAX_TEXT = 2000;
const MAX_HEX_BYTES = 64;
const MARKS = { in: "←", out: "→", event: "·", problem: "!" };

/** The list of what was said on a connection: the last 200 lines, each cut at 2,000 characters. */
export class MessageLog {
  #list;
  #waiting = [];
  #isScheduled = false;

  constructor(list) {
    this.#list = list;
  }

  /**
   * Adds a line. Lines are drawn once per frame of the screen, however many have come.
   *
   * @param {"in" | "out" | "event" | "problem"} kind
   * @param {string} text - shown as text, whatever it contains
   * @param {string} note - shown small, at the end of the line
   */
  add(kind, text, note = "") {
    this.#waiting.push({ kind, text, note, at: new Date() });
    // Those that would be pushed out again at once needn't be drawn at all.
    if (this.#waiting.length > 2 * MAX_LINES) this.#waiting.splice(0, this.#waiting.length - MAX_LINES);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Unlike requestAnimationFrame this also runs in a tab that is hidden.
    setTimeout(() => this.#draw(), 16);
  }

  #draw() {
    this.#isScheduled = false;
    const list = this.#list;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
    list.querySelector(".empty")?.remove();
    list.append(...this.#waiting.splice(0).slice(-MAX_LINES).map(lineOf));
    while (list.childElementCount > MAX_LINES) list.firstElementChild.remove();
    // Who has scrolled up to read is left in peace.
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }
}

/** What a message looks like: text as it is, binary as its length and its first bytes. */
export function describeMessage(data) {
  if (typeof data === "string") {
    return data.length > MAX_TEXT ? `${data.slice(0, MAX_TEXT)}… (${data.length - MAX_TEXT} more)` : data;
  }
  const bytes = new Uint8Array(data);
  const hex = Array.from(bytes.subarray(0, MAX_HEX_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join(
    " ",
  );
  return `binary, ${bytes.length} bytes: ${hex}${bytes.length > MAX_HEX_BYTES ? " …" : ""}`;
}

function lineOf({ kind, text, note, at }) {
  const line = document.createElement("li");
  line.className = kind;
  const time = child("time", "", timeOfDay(at));
  time.append(child("span", "fraction", `.${String(at.getMilliseconds()).padStart(3, "0")}`));
  time.dateTime = at.toISOString();
  const mark = child("span", "mark", MARKS[kind]);
  mark.ariaHidden = "true";
  line.append(time, mark, child("span", "text", text), child("small", "", note));
  return line;
}

function timeOfDay(at) {
  const two = (value) => String(value).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
