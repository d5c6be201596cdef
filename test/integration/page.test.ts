import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { createDemo, type Demo } from "../../src/cli/demo-server.ts";
import { browserSkip, launchBrowser } from "../support/browser.ts";
import { waitFor } from "../support/wait-for.ts";

const WAIT_MS = 30_000;

describe("the page at / in Chromium", { skip: browserSkip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  async function startDemo(t: TestContext, port = 0): Promise<Demo> {
    const demo = createDemo({ server: { port }, page: true, version: "1.2.3" });
    await demo.server.listen();
    t.after(async () => {
      // Pages first: one that is open complains, rightly, of a server that has gone.
      await Promise.all(browser.contexts().map((context) => context.close()));
      await demo.server.close({ drainMs: 0, spreadMs: 0 });
    });
    return demo;
  }

  /** Opens the page; whatever the browser complains of fails the test. */
  async function openPage(t: TestContext, url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(WAIT_MS);
    const complaints: string[] = [];
    context.on("page", (page) => watch(page, complaints));
    const page = await context.newPage();
    t.after(async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    });
    await page.goto(url);
    return page;
  }

  function watch(page: Page, complaints: string[]): void {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
  }

  const urlOf = ({ server }: Demo): string => `http://localhost:${server.port}/`;
  const log = (page: Page, name: string): Locator => page.getByRole("log", { name });
  const hasText = (locator: Locator, text: string | RegExp): Promise<void> =>
    waitFor(
      `the page to say ${text}`,
      async () => {
        const said = (await locator.textContent()) ?? "";
        return typeof text === "string" ? said.includes(text) : text.test(said);
      },
      WAIT_MS,
    );

  it("says what Sluice is, and asks nobody else for anything", async (t) => {
    const demo = await startDemo(t);
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(urlOf(demo));
    assert.match(
      (await page.locator("h1").textContent()) ?? "",
      /WebSockets that stay\s+fast as\s+connections grow/,
    );
    assert.match((await page.locator("pre").textContent()) ?? "", /await serve\(async \(socket\) => \{/);
    await hasText(page.locator("main"), `ws://localhost:${demo.server.port}/group/NAME`);
    assert.ok(asked.length >= 7);
    for (const url of asked) assert.ok(url.startsWith(urlOf(demo)) || url.startsWith("data:"), url);
  });

  it("opens a connection, sends what is typed, and shows the replies as they are", async (t) => {
    const page = await openPage(t, urlOf(await startDemo(t)));
    await page.getByRole("button", { name: "Open a connection" }).click();
    const text = page.getByLabel("Message to the echo");
    await text.fill("hello");
    await text.press("Enter");
    await hasText(log(page, "Messages of the echo connection"), "Received: hello");
    const html = "<img src=x onerror=alert(1)>\u202e";
    await text.fill(html);
    await page.locator("#echo").getByRole("button", { name: "Send" }).click();
    await hasText(log(page, "Messages of the echo connection"), `Received: ${html}`);
    assert.equal(await page.locator(".log img").count(), 0);
    assert.match(
      (await log(page, "Messages of the echo connection").textContent()) ?? "",
      /\d\d:\d\d:\d\d\.\d{3}→hello/,
    );
    await page.locator("#echo").getByRole("button", { name: "Close" }).click();
    await hasText(log(page, "Messages of the echo connection"), "closed with 1000");
    await page.getByRole("button", { name: "Open a connection" }).waitFor();
  });

  it("works by keyboard alone", async (t) => {
    const page = await openPage(t, urlOf(await startDemo(t)));
    await page.getByRole("button", { name: "Open a connection" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Message to the echo").and(page.locator(":focus")).waitFor();
    await page.keyboard.type("typed");
    await page.keyboard.press("Enter");
    await hasText(log(page, "Messages of the echo connection"), "Received: typed");
  });

  it("works as well when it is loaded again", async (t) => {
    const page = await openPage(t, urlOf(await startDemo(t)));
    await page.reload();
    await hasText(page.locator("#server-state"), "Just started");
  });

  it("joins a group by its name, and hears what another tab sends to it", async (t) => {
    const page = await openPage(t, urlOf(await startDemo(t)));
    const name = "blue & green/🙂";
    await page.getByLabel("Name of the group").fill(name);
    const opened = page.context().waitForEvent("page");
    await page.getByRole("link", { name: "Open a second tab" }).click();
    const other = await opened;
    await waitFor(
      "the name to be there",
      async () => (await other.getByLabel("Name of the group").inputValue()) === name,
    );
    for (const tab of [page, other]) {
      await tab.getByRole("button", { name: "Join" }).click();
      await hasText(tab.locator("#group"), "Joined");
    }
    const text = page.getByLabel("Message to the group");
    await text.fill("anyone here?");
    await text.press("Enter");
    for (const tab of [page, other]) await hasText(log(tab, "Messages of the group"), /←anyone here\?/);
  });

  it("has a chat that shows what was said before, and what is said, to everybody who looks", async (t) => {
    const demo = await startDemo(t);
    const page = await openPage(t, urlOf(demo));
    const lines = log(page, "Messages of the chat");
    assert.equal(demo.server.connections.size <= 1, true);
    await lines.scrollIntoViewIfNeeded();
    await hasText(lines, "Nobody has said anything yet");
    await hasText(page.locator("#chat"), "in memory: gone when this server ends");
    await page.getByLabel("Your name").fill("Ada");
    const text = page.getByLabel("Message to the chat");
    const html = "<img src=x onerror=alert(1)>";
    for (const message of ["first", html]) {
      await text.fill(message);
      await text.press("Enter");
      await hasText(lines, message);
    }
    assert.equal(await page.locator(".log img").count(), 0);
    assert.equal(await text.inputValue(), "");
    const other = await openPage(t, urlOf(demo));
    await log(other, "Messages of the chat").scrollIntoViewIfNeeded();
    await hasText(log(other, "Messages of the chat"), /Ada\s*first.*Ada\s*<img/);
    await other.getByLabel("Your name").fill("Eve");
    await other.getByLabel("Message to the chat").fill("hello Ada");
    await other.locator("#chat").getByRole("button", { name: "Send" }).click();
    for (const tab of [page, other]) {
      await hasText(log(tab, "Messages of the chat"), /Eve\s*hello Ada\s*$/);
      assert.equal(await log(tab, "Messages of the chat").locator("li").count(), 3);
    }
    await page.reload();
    await log(page, "Messages of the chat").scrollIntoViewIfNeeded();
    await hasText(log(page, "Messages of the chat"), /Eve\s*hello Ada\s*$/);
    assert.equal(await page.getByLabel("Your name").inputValue(), "Ada");
  });

  it("gives back what was typed into the chat where it can't be kept, and says so", async (t) => {
    const demo = await startDemo(t);
    const page = await openPage(t, urlOf(demo));
    const lines = log(page, "Messages of the chat");
    await lines.scrollIntoViewIfNeeded();
    await hasText(lines, "Nobody has said anything yet");
    await demo.server.resources[0]?.close();
    await page.getByLabel("Your name").fill("Ada");
    const text = page.getByLabel("Message to the chat");
    await text.fill("lost?");
    await text.press("Enter");
    await hasText(lines, "could not be kept, so nobody got it");
    await waitFor("the text to be back", async () => (await text.inputValue()) === "lost?");
  });

  it("shows connections and messages grow", async (t) => {
    const demo = await startDemo(t);
    const page = await openPage(t, urlOf(demo));
    const connections = page.locator('[data-figure="connections"] [data-role="value"]');
    await hasText(connections, /^0$/);
    await page.getByRole("button", { name: "Open 10 connections" }).click();
    await hasText(connections, /^10$/);
    await page.getByRole("button", { name: "Send 1,000 messages" }).click();
    await hasText(page.locator("#traffic"), "1,000 replies over 10 connections");
    await hasText(page.locator('[data-figure="in"]'), "1,000 in all");
    await hasText(page.locator('[data-figure="out"]'), "1,000 in all");
    assert.match((await page.locator('[data-figure="in"] .line').getAttribute("d")) ?? "", /^M.+L/);
    await page.getByRole("button", { name: "Close them" }).click();
    await hasText(connections, /^0$/);
  });

  it("keeps the last 200 lines, and cuts long ones", async (t) => {
    const demo = await startDemo(t);
    const page = await openPage(t, urlOf(demo));
    await page.getByRole("button", { name: "Join" }).click();
    await waitFor("the member", () => demo.server.group("lobby").size === 1);
    for (let index = 0; index < 1000; index++) demo.server.group("lobby").send(`message ${index}`);
    demo.server.group("lobby").send("x".repeat(100_000));
    demo.server.group("lobby").send(Buffer.alloc(100_000, 7));
    const lines = log(page, "Messages of the group");
    await hasText(lines, "binary, 100000 bytes: 07 07");
    assert.equal(await lines.locator("li").count(), 200);
    await hasText(lines, "message 999");
    await hasText(lines, "(98000 more)");
    assert.ok(((await lines.textContent()) ?? "").length < 20_000);
  });

  it("says when the server is away, and comes back after it", async (t) => {
    const first = await startDemo(t);
    const { port } = first.server;
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(urlOf(first));
    const state = page.locator("#server-state");
    await hasText(state, "Just started");
    await page.getByRole("button", { name: "Open a connection" }).click();
    await hasText(page.locator("#echo"), "Connected");
    await first.server.close({ drainMs: 1000, spreadMs: 0 });
    await hasText(state, "Server away");
    await hasText(page.locator('[data-figure="connections"]'), "not known");
    await hasText(log(page, "Messages of the echo connection"), "closed with 1001: server closing");
    await page.getByRole("button", { name: "Open a connection" }).click();
    await hasText(log(page, "Messages of the echo connection"), "did not accept");
    await startDemo(t, port);
    await hasText(state, "Just started");
    await hasText(page.locator('[data-figure="connections"]'), "open now");
  });

  it("fits a narrow screen, and can be read in light and in dark", async (t) => {
    const demo = await startDemo(t);
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await openPage(t, urlOf(demo), { viewport: { width: 360, height: 740 }, colorScheme });
      assert.equal(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0);
      for (const [selector, ratio] of Object.entries(await contrasts(page))) {
        assert.ok(ratio >= 4.5, `${selector} has a contrast of ${ratio.toFixed(2)} in ${colorScheme}`);
      }
    }
  });

  /** WCAG's contrast of text to the ground that it is on. */
  function contrasts(page: Page): Promise<Record<string, number>> {
    return page.evaluate(`(() => {
      const channels = (color) => color.match(/[\\d.]+/g).map(Number);
      const luminance = (color) => channels(color).slice(0, 3).map((value) => value / 255)
        .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
      const groundOf = (element) => {
        const color = getComputedStyle(element).backgroundColor;
        return channels(color)[3] === 0 && element.parentElement ? groundOf(element.parentElement) : color;
      };
      const selectors = ["h1", ".lead", ".tile h3", ".tile .muted", ".primary", ".pill", "figcaption", ".k", ".s",
        ".f", ".log .empty", ".address", "a:not(.brand):not(.skip)", ".commands .muted",
        "#chat .muted", "#chat .empty"];
      return Object.fromEntries(selectors.map((selector) => {
        const element = document.querySelector(selector);
        const [one, two] = [luminance(getComputedStyle(element).color), luminance(groundOf(element))].sort((a, b) => b - a);
        return [selector, (one + 0.05) / (two + 0.05)];
      }));
    })()`);
  }
});
