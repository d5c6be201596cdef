/** An element with a text. Never as HTML: what a peer sent is text, whatever it looks like. */
export function child(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
