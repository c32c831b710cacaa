/** A name service under the test's control, in the place of dns.lookup. */
import type { LookupAddress } from 'node:dns';
import type { StartOptions } from '../../../src/serve.ts';

type Lookup = NonNullable<StartOptions['lookup']>;
type Callback = (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void;

/** What a name resolves to: addresses, several answers for one look-up after the other, or never an answer. */
export type FakeName = readonly string[] | { readonly answers: (readonly string[])[] } | 'hangs';

/** Resolves the names of a table, and no other; keeps what it was asked. */
export class FakeLookup {
  readonly asked: string[] = [];
  readonly #names: Readonly<Record<string, FakeName>>;

  constructor(names: Readonly<Record<string, FakeName>>) {
    this.#names = names;
  }

  /** To be handed to a server. */
  get lookup(): Lookup {
    return ((name: string, _options: unknown, callback: Callback) => {
      this.asked.push(name);
      const known = this.#names[name];
      if (known === 'hangs') return;
      const addresses = known && ('answers' in known ? known.answers.shift() : known);
      queueMicrotask(() => {
        if (addresses) callback(null, addresses.map(toLookupAddress));
        else callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), []);
      });
    }) as Lookup;
  }
}

function toLookupAddress(address: string): LookupAddress {
  return { address, family: address.includes(':') ? 6 : 4 };
}
