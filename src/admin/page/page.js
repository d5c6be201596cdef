import { Chat } from "./chat.js";
import { Conversation } from "./conversation.js";
import { LiveFeed } from "./live-feed.js";
import { Sparkline } from "./sparkline.js";
import { Traffic } from "./traffic.js";

const socketBase = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}`;
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

for (const place of document.querySelectorAll("[data-url]"))
  place.textContent = socketBase + place.dataset.url;

showEcho();
showGroup();
showFigures();
new Chat(document.querySelector("#chat"), `${socketBase}/chat`);
new Traffic(document.querySelector("#traffic"), `${socketBase}/echo`);

function showEcho() {
  const words = {
    open: "Open a connection",
    close: "Close",
    opened: "Connected",
    closed: "Not connected",
    isEcho: true,
  };
  new Conversation(document.querySelector("#echo"), () => `${socketBase}/echo`, words);
}

function showGroup() {
  const card = document.querySelector("#group");
  const name = card.querySelector("[data-role=name]");
  const another = card.querySelector("[data-role=another]");
  const fromLink = new URLSearchParams(location.hash.slice(1)).get("group");
  if (fromLink) name.value = fromLink.slice(0, name.maxLength);
  const link = () => {
    another.href = `/#group=${encodeURIComponent(name.value)}`;
  };
  name.addEventListener("input", link);
  link();
  const words = { open: "Join", close: "Leave", opened: "Joined", closed: "Not joined", isEcho: false };
  new Conversation(card, () => `${socketBase}/group/${encodeURIComponent(name.value)}`, words);
}

function showFigures() {
  const state = document.querySelector("#server-state");
  const tiles = { connections: tile("connections"), in: tile("in"), out: tile("out") };
  const onFigures = (figures) => {
    tiles.connections.show(figures.connections, "open now");
    tiles.in.show(figures.messagesInPerSecond, `${whole.format(figures.messagesIn)} in all`);
    tiles.out.show(figures.messagesOutPerSecond, `${whole.format(figures.messagesOut)} in all`);
    setText(state, figures.uptimeMs < 60_000 ? "Just started" : `Up ${duration(figures.uptimeMs)}`);
  };
  const onState = (now) => {
    state.dataset.state = now;
    if (now !== "failed") return;
    setText(state, "Server away, trying again");
    for (const figure of Object.values(tiles)) figure.forget();
  };
  const feed = new LiveFeed(`${socketBase}/live`, onFigures, onState);
  const followVisibility = () => (document.hidden ? feed.stop() : feed.start());
  document.addEventListener("visibilitychange", followVisibility);
  followVisibility();
}

function tile(figure) {
  const element = document.querySelector(`[data-figure=${figure}]`);
  const value = element.querySelector("[data-role=value]");
  const note = element.querySelector("[data-role=note]");
  const sparkline = new Sparkline(element.querySelector("[data-role=spark]"));
  return {
    show(number, words) {
      setText(value, number < 100_000 ? whole.format(number) : short.format(number));
      setText(note, words);
      sparkline.add(number);
    },
    // What was true before the server went says nothing of now.
    forget() {
      setText(value, "–");
      setText(note, "not known");
    },
  };
}

// What hasn't changed is left alone, so that a screen reader isn't told again.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function duration(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
