/** An app's backend behind https that lets in whom it knows by his certificate. */
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { makeCertificate } from '../certificate.ts';
import { listen } from '../loopback.ts';
import { until } from '../until.ts';
import type { Owner } from './cleanup.ts';

/** What it got. */
export interface SecureCallback {
  /** common name of the client's certificate */
  readonly client: string;
  readonly body: string;
}

/** A receiver at `https://localhost:port/callback`, its authority, and who can issue certificates that it takes. */
export async function startSecureReceiver(owner: Owner) {
  const authority = makeCertificate({ name: 'own authority' });
  const callbacks: SecureCallback[] = [];
  const options = { ...makeCertificate({ issuer: authority }), ca: authority.cert, requestCert: true };
  const server = createServer(options, (request, response) => {
    const client = String((request.socket as TLSSocket).getPeerCertificate().subject?.CN);
    text(request).then(
      (body) => {
        callbacks.push({ client, body });
        response.end('{"ErrorCode":0}');
      },
      () => {}, // the sender went away
    );
  });
  const { port } = await listen(server, owner);
  return {
    url: `https://localhost:${port}/callback`,
    callbacks,
    ca: authority.cert,
    issue: (name: string) => {
      const { cert, key } = makeCertificate({ name, issuer: authority });
      return { cert, key };
    },
    untilReceived: (count: number) =>
      until(() => callbacks.length >= count && callbacks, {
        what: () => `${count} callbacks over TLS, got ${callbacks.length}`,
      }),
  };
}
