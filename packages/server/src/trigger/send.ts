/** Sends one callback as the dispatcher does: to checked addresses, with one deadline over all, following no redirect. */
import { systemClock } from '../clock.ts';
import { type AddressRule, addressRule, LOOPBACK_NETWORKS } from '../dispatch/addresses.ts';
import { Poster, type PostResult } from '../dispatch/post.ts';
import { VERSION } from '../version.ts';

export type { PostResult } from '../dispatch/post.ts';

/** How callbacks are sent. */
export interface SendOptions {
  readonly timeoutMs: number;
  readonly rule: AddressRule;
}

/** @returns a rule that lets public and loopback addresses pass, and those of `allow` */
export function triggerRule(allow: readonly string[]): AddressRule {
  return addressRule([...LOOPBACK_NETWORKS, ...allow]);
}

/** Never throws for what the receiver does. */
export async function sendCallback(
  {
    url,
    headers,
    body,
  }: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string },
  { timeoutMs, rule }: SendOptions,
): Promise<PostResult> {
  const { origin, pathname, search } = new URL(url);
  const poster = new Poster({ origin, connections: 1, connectTimeoutMs: timeoutMs, rule, clock: systemClock });
  try {
    const sent = Object.entries({ ...headers, 'user-agent': `Portrait/${VERSION}` }).flat();
    return await poster.post({ path: pathname + search, headers: sent, body, timeoutMs });
  } finally {
    await poster.close();
  }
}
