/** Whether a callback URL can be reached: name, address rule, TCP, TLS. No callback is sent. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import { AddressRefusedError, type AddressRule, addressRule, NameNotFoundError } from '../dispatch/addresses.ts';
import { createConnector } from '../dispatch/connector.ts';
import { describeTlsFault } from '../dispatch/tls-fault.ts';
import type { Endpoint } from '../storage/store.ts';
import type { Check } from './check.ts';

/** What of an endpoint is looked at. */
export interface EndpointSight extends Pick<Endpoint, 'endpointId' | 'url' | 'tls'> {
  readonly state: 'active' | 'paused' | 'open';
}

const CONNECT_TIMEOUT_MS = 5000;
const SOON_DAYS = 14;
const DAY_MS = 86_400_000;

type Make = (status: Check['status'], what: string, advice?: string) => Check;

/** @param allow  networks that callbacks may go to beside the public ones */
export async function checkEndpoint(
  endpoint: EndpointSight,
  allow: readonly string[],
  nowMs: number,
): Promise<readonly Check[]> {
  const { endpointId, url } = endpoint;
  const make: Make = (status, what, advice) => {
    const check = { area: 'endpoint' as const, endpointId, status, what: `${url}: ${what}` };
    return advice === undefined ? check : { ...check, advice };
  };
  const reach = await checkReach(endpoint, { rule: addressRule(allow), nowMs, make });
  return [...checkState(endpoint, make), ...reach, ...checkOwnCertificate(endpoint, nowMs, make)];
}

function checkState({ endpointId, state }: EndpointSight, make: Make): readonly Check[] {
  if (state === 'active') return [];
  if (state === 'paused') {
    return [make('warning', 'it is paused, its callbacks wait.', `portrait endpoint resume ${endpointId}`)];
  }
  const what = 'it failed again and again, and is probed until it answers.';
  return [make('warning', what, `portrait endpoint events ${endpointId} says why.`)];
}

async function checkReach(
  { url, tls }: EndpointSight,
  { rule, nowMs, make }: { readonly rule: AddressRule; readonly nowMs: number; readonly make: Make },
): Promise<readonly Check[]> {
  try {
    const { address, endsAtMs } = await connectTo(url, rule, tls);
    if (endsAtMs === undefined) return [make('ok', `reached at ${address}.`)];
    const days = Math.floor((endsAtMs - nowMs) / DAY_MS);
    const what = `reached at ${address}, its certificate runs out in ${days} days.`;
    return [days < SOON_DAYS ? make('warning', what, 'Renew the certificate.') : make('ok', what)];
  } catch (error) {
    return [make('problem', ...describeFault(error as Error, tls?.cert !== undefined))];
  }
}

/** The certificate that we show. */
function checkOwnCertificate({ endpointId, tls }: EndpointSight, nowMs: number, make: Make): readonly Check[] {
  if (tls?.cert === undefined) return [];
  const days = Math.floor((Date.parse(new X509Certificate(tls.cert).validTo) - nowMs) / DAY_MS);
  if (days >= SOON_DAYS) return [];
  const advice = `portrait endpoint update ${endpointId} --tls-cert … --tls-key …`;
  return days < 0
    ? [make('problem', 'the client certificate that is shown there has run out.', advice)]
    : [make('warning', `the client certificate that is shown there runs out in ${days} days.`, advice)];
}

/** @returns address that was connected to, and the end of the certificate there, if there is TLS */
function connectTo(
  url: string,
  rule: AddressRule,
  tls: Endpoint['tls'],
): Promise<{ readonly address: string; readonly endsAtMs: number | undefined }> {
  const { protocol, hostname: bracketed, host, port } = new URL(url);
  const hostname = bracketed.replace(/^\[|\]$/g, '');
  const connect = createConnector({ connectTimeoutMs: CONNECT_TIMEOUT_MS, rule, tls });
  const target = { protocol, hostname, host, port, ...(isIP(hostname) === 0 && { servername: hostname }) };
  return new Promise((resolve, reject) => {
    connect(target, (error, socket) => {
      if (error) return reject(error);
      const endsAt = socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : undefined;
      const { remoteAddress = '', remotePort } = socket;
      const address = isIP(remoteAddress) === 6 ? `[${remoteAddress}]` : remoteAddress;
      socket.destroy();
      resolve({ address: `${address}:${remotePort}`, endsAtMs: endsAt });
    });
  });
}

/** @returns what is wrong, and what to do */
function describeFault(error: Error, showsCertificate: boolean): readonly [what: string, advice: string] {
  if (error instanceof AddressRefusedError) {
    return [
      `${error.message}.`,
      'If it is meant, start the server (and doctor) with a --webhook-allow that names its network.',
    ];
  }
  if (error instanceof NameNotFoundError)
    return [`${error.message}.`, 'Look at the host name, and at the name service of this machine.'];
  const tlsFault = describeTlsFault(error, showsCertificate);
  if (tlsFault !== undefined) return [`${tlsFault}.`, "Mend the receiver's certificate, or the endpoint's tls."];
  const { code } = error as NodeJS.ErrnoException;
  const what = code && !error.message.includes(code) ? `${code}: ${error.message}` : error.message || `${code}`;
  return [`no connection (${what}).`, 'Start the receiver, and look at port and firewall.'];
}
