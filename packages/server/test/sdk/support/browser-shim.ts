/** Just so much of a browser's globals that the official packages take Node for one. */

/** Parts of the shim that depend on the test. */
export interface ShimOptions {
  /** WHATWG-like class */
  readonly WebSocket: unknown;
  readonly onViolation: (text: string) => void;
}

/** Without `cookieEnabled` the SDK keeps nothing in localStorage, so that clients don't see each other's cache. */
const NAVIGATOR = {
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36 portrait-test',
  onLine: true,
  language: 'en-US',
};

const LOCATION = { href: 'http://localhost/', protocol: 'http:', host: 'localhost', hostname: 'localhost' };

function nothing(): void {}

/** Define the globals; to be called before an SDK is loaded. */
export function installBrowserShim({ WebSocket, onViolation }: ShimOptions): void {
  const values = {
    window: globalThis,
    navigator: NAVIGATOR,
    WebSocket,
    localStorage: memoryStorage(),
    location: LOCATION,
    document: {
      addEventListener: nothing,
      removeEventListener: nothing,
      visibilityState: 'visible',
      charset: 'UTF-8',
      createElement: () => ({ style: {}, setAttribute: nothing, appendChild: nothing }),
    },
    addEventListener: nothing,
    removeEventListener: nothing,
    XMLHttpRequest: recordingRequest(onViolation),
  };
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: true });
  }
}

function memoryStorage(): object {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, String(value)),
    removeItem: (key: string) => items.delete(key),
    clear: () => items.clear(),
  };
}

/** An XMLHttpRequest that never gets anywhere: with `proxyServer` the SDK has no need of HTTP. */
function recordingRequest(onViolation: (text: string) => void): unknown {
  return class {
    readonly readyState = 0;
    readonly status = 0;
    open(method: string, url: string): void {
      onViolation(`XMLHttpRequest ${method} ${url}`);
    }
    send(): void {}
    abort(): void {}
    setRequestHeader(): void {}
  };
}
