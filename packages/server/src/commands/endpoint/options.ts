/** Options that say what an endpoint is, for `add` and `update`. */
import { readFileSync } from 'node:fs';
import type { Option } from 'commander';
import {
  anyText,
  type Check,
  checkedOption,
  duration,
  oneOf,
  option,
  repeatedOption,
  wholeNumber,
} from '../command-line.ts';
import { Failure } from '../failure.ts';

/** What the options below yield. */
export interface EndpointFlags {
  readonly command?: readonly string[];
  readonly token?: string;
  readonly signingSecret?: readonly string[];
  readonly timeout?: number;
  readonly success?: string;
  readonly maxAttempts?: number;
  readonly concurrency?: number;
  readonly rate?: number;
  readonly header?: readonly (readonly [name: string, value: string])[];
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly payload?: string;
  readonly onDead?: string;
}

/** @returns options for the members of an endpoint */
export function endpointOptions(): readonly Option[] {
  return [
    repeatedOption(
      '--command <name>',
      'callback to send, such as Profile.CallbackPortraitSet; can be repeated',
      anyText,
    ),
    option('--token <token>', 'token of the Sign parameter; "" for none'),
    repeatedOption(
      '--signing-secret <secret>',
      'whsec_… or whsk_… of the webhook-signature header (default: a new one); can be repeated, the newest first',
      anyText,
    ),
    checkedOption('--timeout <duration>', 'how long an attempt may take, such as 2s', duration('100ms', '30s')),
    checkedOption(
      '--success <rule>',
      'what counts as delivered: protocol (status 200, ErrorCode 0), tencent (status 200, any JSON), any-2xx',
      oneOf(['protocol', 'tencent', 'any-2xx']),
    ),
    checkedOption('--max-attempts <number>', 'attempts before a delivery is dead', wholeNumber(1, 50)),
    checkedOption('--concurrency <number>', 'attempts at the same time, each for another user', wholeNumber(1, 512)),
    checkedOption('--rate <number>', 'attempts per second, 0 for no limit', wholeNumber(0, 1_000_000)),
    repeatedOption(
      '--header <header>',
      'header to add to each callback, as "Name: value"; can be repeated; "" for none',
      headerCheck,
    ),
    option(
      '--tls-ca <file>',
      'authorities of the receiver\'s certificate, in PEM, in place of the public ones; "" for none',
    ),
    option('--tls-cert <file>', 'client certificate to show, in PEM, with its chain; "" for none'),
    option('--tls-key <file>', 'private key of it, in PEM without a passphrase; "" for none'),
    checkedOption(
      '--payload <form>',
      'tencent (the documented body) or extended (adds EventId, Sequence, PreviousProfileItem)',
      oneOf(['tencent', 'extended']),
    ),
    checkedOption(
      '--on-dead <rule>',
      "after the last attempt: skip (go on with the user's next change) or hold (wait for a person)",
      oneOf(['skip', 'hold']),
    ),
  ];
}

/** @returns members for the admin API; what was not given is left out */
export function endpointMembers(flags: EndpointFlags): Record<string, unknown> {
  const members = {
    commands: flags.command,
    token: flags.token,
    signingSecrets: flags.signingSecret,
    timeoutMs: flags.timeout,
    success: flags.success,
    maxAttempts: flags.maxAttempts,
    concurrency: flags.concurrency,
    ratePerSecond: flags.rate,
    headers: flags.header && Object.fromEntries(flags.header.filter((header) => header[0] !== '')),
    tls: tlsMembers(flags),
    payload: flags.payload,
    onDead: flags.onDead,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** @throws Failure a file can not be read */
function tlsMembers({ tlsCa, tlsCert, tlsKey }: EndpointFlags): Record<string, string | null> | undefined {
  const files = Object.entries({ ca: tlsCa, cert: tlsCert, key: tlsKey }).filter(([, path]) => path !== undefined);
  if (files.length === 0) return undefined;
  return Object.fromEntries(
    files.map(([name, path = '']) => [name, path === '' ? null : readPem(`--tls-${name}`, path)]),
  );
}

function readPem(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`${flag}: ${path} can not be read: ${(error as NodeJS.ErrnoException).code}.`, { cause: error });
  }
}

const headerCheck: Check<readonly [name: string, value: string]> = {
  expects: 'a header like "X-Key: secret"',
  parse(raw) {
    if (raw === '') return ['', ''];
    const [, name, value] = /^([^\s:]+):[ \t]*(.*)$/.exec(raw) ?? [];
    return name === undefined || value === undefined ? undefined : [name, value];
  },
};
