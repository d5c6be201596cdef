import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hasPlaceholder,
  parseTemplate,
  renderPath,
  renderTemplate,
} from "../../../../src/cli/bench/template.ts";

const values = { index: 7, group: 3, size: 20 };

function render(text: string, size = 20): ReturnType<typeof renderTemplate> & { readonly text: string } {
  const message = renderTemplate(parseTemplate(text, "message"), { ...values, size });
  return { ...message, text: message.payload.toString() };
}

test("the placeholders of a connection are filled in", () => {
  assert.equal(render("SUB %r as %i").text, "SUB 3 as 7");
});

test("a percent sign is written twice", () => {
  assert.equal(render("100%% of %%t").text, "100% of %t");
});

test("a time marker is blank, and its place is known in bytes", () => {
  const message = render('{"é":"%t"}');
  assert.equal(message.text, '{"é":"@0000000000@"}');
  assert.equal(message.payload.toString("latin1", message.markerAt, message.markerAt + 12), "@0000000000@");
});

test("a number has ten digits, and its place is known", () => {
  const message = render("%i:%n;");
  assert.equal(message.text, "7:0000000000;");
  assert.equal(message.numberAt, 2);
  assert.equal(message.markerAt, -1);
});

test("padding brings the whole message to its size, and what comes after it still fits in", () => {
  const { text, markerAt } = render("[%p,%t]", 40);
  assert.equal(text.length, 40);
  assert.match(text, /^\[x+,@0000000000@\]$/);
  assert.equal(markerAt, 40 - 13);
});

test("a message that is as long already isn't padded", () => {
  assert.equal(render("%t%p", 5).text, "@0000000000@");
  assert.equal(render("%p", 0).text, "");
});

test("the size counts bytes", () => {
  assert.equal(render("é%p", 6).payload.length, 6);
});

for (const [text, problem] of [
  ["%x", /"%x" means nothing/],
  ["50%", /"%" means nothing/],
  ["% t", /"% " means nothing/],
  ["%t %t", /one %t only/],
  ["%n%n", /one %n only/],
  ["%p%p", /one %p only/],
] as const) {
  test(`the template ${text} is refused`, () => {
    assert.throws(() => parseTemplate(text, "message"), { code: "SLUICE_INVALID_OPTION", message: problem });
  });
}

test("a placeholder is found, an escaped one is not", () => {
  assert.ok(hasPlaceholder(parseTemplate("a%tb", "message"), "t"));
  assert.ok(!hasPlaceholder(parseTemplate("a%%tb", "message"), "t"));
});

test("in a path, %r and %i are filled in, and encoded bytes stay", () => {
  assert.equal(renderPath("/g/%r/%i?a=%20%25", values), "/g/3/7?a=%20%25");
});
