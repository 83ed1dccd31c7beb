/**
 * Debian's Chromium, driven by Playwright's core, for tests of the console: which
 * program it is, and pages whose every error and every request to another host
 * is kept, so that a test can say that there was none.
 */
import axe from "axe-core/axe.min.js" with { type: "text" };
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser's program, or `null` where none is installed. */
export function findChromium(): string | null {
  const given = Deno.env.get("CHROMIUM");
  const programs = given === undefined ? PROGRAMS : [given];
  return programs.find((path) => isFile(path)) ?? null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

export function launch(executablePath: string): Promise<Browser> {
  // Chromium's own sandbox does not run as root.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** What must not happen on any page. */
export class Watch {
  readonly errors: string[] = [];
  readonly strangers: string[] = [];
  readonly #host: string;

  constructor(host: string) {
    this.#host = host;
  }

  follow(context: BrowserContext): void {
    context.on("page", (page) => this.#watch(page));
  }

  #watch(page: Page): void {
    page.on("pageerror", (error) => this.errors.push(`${page.url()}: ${error.message}`));
    page.on("dialog", (dialog) => this.errors.push(`${page.url()}: a dialog says ${dialog.message()}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(`${page.url()}: ${message.text()}`);
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.host !== this.#host) this.strangers.push(request.url());
    });
  }
}

/** Serious and critical faults that axe finds on a page as it stands, each with where it is. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(`${axe}; undefined`);
  const found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })") as {
    readonly violations: readonly {
      readonly id: string;
      readonly impact: string | null;
      readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
    }[];
  };
  return found.violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map((node) =>
        `${page.url()}: ${id}: ${node.target.join(" ")}: ${node.failureSummary}`
      )
    );
}
