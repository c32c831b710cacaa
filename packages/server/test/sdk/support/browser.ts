/** Headless Chromium that can reach nothing but 127.0.0.1, and a page with the official packages on it. */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium as launcher } from 'playwright-core';
import { atEnd, type Owner } from '../../support/live/cleanup.ts';
import { listen } from '../../support/loopback.ts';
import { chromiumPath } from './chromium.ts';
import type { SdkPackage } from './message.ts';

/** Name of the global that a package's script makes. */
export const GLOBALS: Readonly<Record<SdkPackage, string>> = {
  '@tencentcloud/chat': 'TencentCloudChat',
  'tim-js-sdk': 'TIM',
};

/** A browser of a test file. */
export interface TestBrowser {
  /** of the page: `http://127.0.0.1:port` */
  readonly origin: string;
  /** whatever of the browser, workers included, wanted to leave 127.0.0.1; it did not */
  readonly violations: readonly string[];
  /** A profile of its own: nothing in localStorage. */
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
}

/**
 * Start the browser; its owner closes it.
 *
 * Names are not resolved, and all but 127.0.0.1 goes to a proxy that refuses and remembers.
 */
export async function startBrowser(owner: Owner): Promise<TestBrowser> {
  const violations: string[] = [];
  const proxy = await listen(refusingProxy(violations), owned(owner));
  const page = await listen(createServer(servePage()), owned(owner));
  const browser = await launch(proxy.port);
  atEnd(owner, () => browser.close());
  return {
    origin: `http://127.0.0.1:${page.port}`,
    violations,
    newContext: (options) => browser.newContext(options),
  };
}

function owned(owner: Owner): { after(run: () => Promise<void>): void } {
  return { after: (run) => atEnd(owner, run) };
}

async function launch(proxyPort: number): Promise<Browser> {
  return await launcher.launch({
    executablePath: await chromiumPath(),
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    proxy: { server: `http://127.0.0.1:${proxyPort}`, bypass: '<-loopback>,127.0.0.1' },
  });
}

function refusingProxy(violations: string[]): Server {
  const proxy = createServer((request, response) => {
    violations.push(`${request.method} ${request.url}`);
    response.writeHead(403).end();
  });
  proxy.on('connect', (request, socket) => {
    violations.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  return proxy;
}

/** `/?<package>` is a page with that package, `/<package>` its script. */
function servePage(): RequestListener {
  const require = createRequire(import.meta.url);
  return (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://page');
    if (pathname === '/') {
      const name = decodeURIComponent(search.slice(1));
      response.setHeader('content-type', 'text/html');
      response.end(
        `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><script src="/${name}"></script>`,
      );
      return;
    }
    response.setHeader('content-type', 'text/javascript');
    response.end(readFileSync(require.resolve(pathname.slice(1))));
  };
}
