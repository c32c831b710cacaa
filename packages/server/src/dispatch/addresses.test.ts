import assert from 'node:assert/strict';
import type { lookup as dnsLookup, LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  AddressRefusedError,
  addressRule,
  checkedLookup,
  checkLiteralHost,
  LOOPBACK_NETWORKS,
  NameNotFoundError,
} from './addresses.ts';

const publicOnly = addressRule([]);

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '11.0.0.1',
  '172.15.255.255',
  '172.32.0.1',
  '192.167.1.1',
  '2606:4700:4700::1111',
  '2a00::1',
];

/** What must not be reached by default, and why. */
const NOT_PUBLIC: Readonly<Record<string, readonly string[]>> = {
  'this host': ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.254', '192.168.0.1', 'fc00::1', 'fd12:3456::1'],
  'link-local': ['169.254.0.1', 'fe80::1', 'febf::1'],
  'cloud metadata': ['169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.254'],
  multicast: ['224.0.0.1', '239.255.255.250', 'ff02::1'],
  broadcast: ['255.255.255.255'],
  reserved: [
    '240.0.0.1',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '2001:db8::1',
    '100::1',
  ],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::ffff:a9fe:a9fe'],
  'IPv4 in another dress': ['::127.0.0.1', '::10.0.0.1', '::7f00:1', '::a00:1', '::ffff:0:127.0.0.1'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::10.0.0.1'],
  '6to4': ['2002:7f00:1::', '2002:a00:1::1'],
  Teredo: ['2001::1', '2001:0:7f00:1::'],
  'no longer in use': ['fec0::1', '2001:10::1'],
};

describe('addressRule', () => {
  for (const address of PUBLIC) test(`${address} is public`, () => assert.equal(publicOnly(address), undefined));

  for (const [kind, addresses] of Object.entries(NOT_PUBLIC)) {
    for (const address of addresses) {
      test(`${kind}: ${address} is refused, and the way to allow it is named`, () => {
        assert.match(publicOnly(address) ?? '', /--webhook-allow/);
        assert.ok(publicOnly(address)?.includes(address));
      });
    }
  }

  for (const [address, rule] of [
    ['0.0.0.0', 'unspecified (this host)'],
    ['127.0.0.1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['169.254.0.1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['168.63.129.16', 'cloud metadata'],
    ['::ffff:169.254.169.254', 'cloud metadata'],
    ['fd00:0ec2:0::254', 'cloud metadata'],
    ['100.64.0.1', 'of a carrier-grade NAT'],
    ['fd00::1', 'unique local (private)'],
    ['fec0::1', 'site-local (private)'],
    ['::ffff:8.8.8.8', 'IPv4-mapped'],
    ['64:ff9b::808:808', 'NAT64'],
    ['2002:808:808::', '6to4'],
    ['2001:0:1::', 'Teredo'],
    ['::ffff:0:127.0.0.1', 'IPv4-translated'],
    ['224.0.0.1', 'multicast'],
    ['4000::1', 'not a public address'],
  ] as const) {
    test(`the refusal of ${address} says that it is ${rule}`, () => {
      assert.equal(publicOnly(address), `${address} is ${rule}, and --webhook-allow does not name it`);
    });
  }

  for (const text of ['', 'localhost', '1.2.3.4.5', '256.1.1.1', '::1::', 'example.com', '1.2.3.4/32']) {
    test(`"${text}" is no address`, () => assert.notEqual(publicOnly(text), undefined));
  }

  for (const { allow, fine, refused } of [
    {
      allow: LOOPBACK_NETWORKS,
      fine: ['127.0.0.1', '127.9.9.9', '::1'],
      refused: ['10.0.0.1', '0.0.0.0', '::', '169.254.169.254'],
    },
    { allow: ['10.1.0.0/16'], fine: ['10.1.0.1', '10.1.255.255'], refused: ['10.2.0.1', '127.0.0.1', '192.168.0.1'] },
    { allow: ['10.1.2.3/32'], fine: ['10.1.2.3'], refused: ['10.1.2.4'] },
    { allow: ['fd00:1::/32'], fine: ['fd00:1::5'], refused: ['fd00:2::5', '10.0.0.1'] },
    {
      allow: ['127.0.0.0/8'],
      fine: ['::ffff:127.0.0.1'],
      refused: ['::1', '64:ff9b::127.0.0.1', '2002:7f00:1::', '::7f00:2'],
    },
    { allow: ['::/0'], fine: ['::1', 'fe80::1', '64:ff9b::10.0.0.1'], refused: ['::ffff:127.0.0.1', '127.0.0.1'] },
    { allow: ['0.0.0.0/0'], fine: ['127.0.0.1', '169.254.169.254', '::ffff:10.0.0.1'], refused: ['::1', 'fd00::1'] },
    { allow: ['192.168.0.0/24', '64:ff9b::/96'], fine: ['192.168.0.7', '64:ff9b::8.8.8.8'], refused: ['192.168.1.7'] },
  ]) {
    test(`--webhook-allow ${allow.join()} opens these networks and no other`, () => {
      const rule = addressRule(allow);
      for (const address of [...fine, '8.8.8.8', '2606:4700::1']) assert.equal(rule(address), undefined, address);
      for (const address of refused) assert.notEqual(rule(address), undefined, address);
    });
  }

  for (const network of ['', 'localhost', '10.0.0.1', '10.0.0.0/33', '10.0.0.0/-1', '::/129', '10.0.0.0/x']) {
    test(`"${network}" is no network`, () => assert.throws(() => addressRule([network]), Error));
  }

  test('no private IPv4 address gets through, however it is wrapped', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const address = fc.oneof(
      fc.tuple(fc.constant(10), byte, byte, byte),
      fc.tuple(fc.constant(127), byte, byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
    );
    const property = fc.property(address, ([a, b, c, d]) => {
      const dotted = `${a}.${b}.${c}.${d}`;
      const [high, low] = [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
      for (const wrapped of [
        dotted,
        `::ffff:${dotted}`,
        `64:ff9b::${dotted}`,
        `2002:${high}:${low}::1`,
        `::${high}:${low}`,
      ]) {
        assert.notEqual(publicOnly(wrapped), undefined, wrapped);
      }
    });
    fc.assert(property);
  });
});

describe('checkLiteralHost', () => {
  /** Spellings of one address that a URL parser takes. */
  const SPELLINGS = [
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://１２７.0.0.1/',
    'http://%31%32%37.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0000:0000:0000:0000:0000:ffff:7f00:0001]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://0/',
    'http://10.1/',
    'http://user@10.0.0.1:99/',
  ];

  for (const url of SPELLINGS) {
    test(`${url} is seen through`, () => {
      assert.throws(() => checkLiteralHost(new URL(url).hostname, publicOnly), AddressRefusedError);
    });
  }

  for (const url of [
    'http://8.8.8.8/',
    'http://134744072/',
    'http://[2606:4700::1111]/',
    'http://example.com/',
    'http://localhost/',
  ]) {
    test(`${url} is left to the connection`, () => {
      assert.doesNotThrow(() => checkLiteralHost(new URL(url).hostname, publicOnly));
    });
  }

  test('an address that is allowed passes', () => {
    for (const url of ['http://127.1/', 'http://[::1]/']) {
      assert.doesNotThrow(() => checkLiteralHost(new URL(url).hostname, addressRule(LOOPBACK_NETWORKS)));
    }
  });
});

/** A resolver that knows these names. */
function resolver(names: Readonly<Record<string, readonly string[]>>): typeof dnsLookup {
  const look = (
    hostname: string,
    _options: unknown,
    callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ): void => {
    const addresses = names[hostname];
    const found = (addresses ?? []).map((address) => ({ address, family: isIP(address) }));
    const error = addresses
      ? null
      : Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
    queueMicrotask(() => callback(error, found));
  };
  return look as typeof dnsLookup;
}

interface Found {
  readonly error: Error | null;
  readonly address: string | LookupAddress[];
  readonly family?: number | undefined;
}

function lookUp(names: Readonly<Record<string, readonly string[]>>, hostname: string, all: boolean): Promise<Found> {
  return new Promise((resolve) => {
    checkedLookup(publicOnly, resolver(names))(hostname, { all }, (error, address, family) => {
      resolve({ error, address, family });
    });
  });
}

describe('checkedLookup', () => {
  const names = {
    'public.test': ['8.8.8.8', '2606:4700::1111'],
    'private.test': ['10.0.0.1'],
    'mixed.test': ['8.8.8.8', '169.254.169.254'],
    'mapped.test': ['2606:4700::1111', '::ffff:127.0.0.1'],
    'empty.test': [],
  };

  test('all addresses of a name come as the resolver gave them', async () => {
    assert.deepEqual(await lookUp(names, 'public.test', true), {
      error: null,
      address: [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ],
      family: undefined,
    });
  });

  test('one address, if one is asked for', async () => {
    assert.deepEqual(await lookUp(names, 'public.test', false), { error: null, address: '8.8.8.8', family: 4 });
  });

  for (const hostname of ['private.test', 'mixed.test', 'mapped.test']) {
    for (const all of [true, false]) {
      test(`${hostname} is refused whole${all ? '' : ', also if one address is asked for'}: one bad address is enough`, async () => {
        const { error, address } = await lookUp(names, hostname, all);
        assert.ok(error instanceof AddressRefusedError);
        assert.match(error.message, new RegExp(`^${hostname}: .*--webhook-allow`));
        assert.deepEqual(address, []);
      });
    }
  }

  for (const [hostname, code] of [
    ['unknown.test', 'ENOTFOUND'],
    ['empty.test', 'no address'],
  ] as const) {
    test(`${hostname} does not resolve`, async () => {
      const { error } = await lookUp(names, hostname, true);
      assert.ok(error instanceof NameNotFoundError);
      assert.equal(error.message, `${hostname} does not resolve (${code})`);
    });
  }

  test('every look-up asks for all addresses, so that none stays unchecked', async () => {
    const asked: unknown[] = [];
    const look = ((_name: string, options: unknown, callback: (error: null, found: LookupAddress[]) => void) => {
      asked.push(options);
      callback(null, [{ address: '8.8.8.8', family: 4 }]);
    }) as unknown as typeof dnsLookup;
    await new Promise((resolve) => checkedLookup(publicOnly, look)('a.test', { all: false, family: 4 }, resolve));
    assert.deepEqual(asked, [{ all: true, family: 4 }]);
  });

  test('a name that changes its mind between two look-ups is checked each time', async () => {
    const answers = [['8.8.8.8'], ['127.0.0.1']];
    const look = ((_name: string, _options: unknown, callback: (error: null, found: LookupAddress[]) => void) => {
      callback(
        null,
        (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
      );
    }) as unknown as typeof dnsLookup;
    const checked = checkedLookup(publicOnly, look);
    const ask = (): Promise<Error | null> => new Promise((resolve) => checked('a.test', { all: true }, resolve));
    assert.equal(await ask(), null);
    assert.ok((await ask()) instanceof AddressRefusedError);
  });
});
