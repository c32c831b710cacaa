/** Makes the connections of one endpoint: to checked addresses only, in TLS with the endpoint's own certificates. */
import { createSecureContext, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import type { EndpointTls } from '../storage/store.ts';
import { type AddressRule, checkedLookup, checkLiteralHost, type Lookup } from './addresses.ts';
import { TlsSettingsError } from './tls-fault.ts';

/**
 * @param connectTimeoutMs  a connection that takes longer is given up
 * @param tls               shown and wanted in TLS; it was checked when it was entered
 * @param lookup            resolves names; default: the machine's own name service
 */
export function createConnector(options: {
  readonly connectTimeoutMs: number;
  readonly rule: AddressRule;
  readonly tls?: EndpointTls | undefined;
  readonly lookup?: Lookup | undefined;
}): buildConnector.connector {
  const { connectTimeoutMs, rule, tls, lookup } = options;
  let connect: buildConnector.connector | undefined;
  return (target, callback) => {
    try {
      checkLiteralHost(target.hostname, rule);
      connect ??= buildConnector({
        lookup: checkedLookup(rule, lookup),
        timeout: connectTimeoutMs,
        ...(tls && { secureContext: contextOf(tls) }),
      } as buildConnector.BuildOptions);
    } catch (refusal) {
      callback(refusal as Error, null);
      return;
    }
    // the socket, which undici's types keep quiet about: timed-client.ts follows it
    return connect(target, (...outcome) => {
      const [, socket] = outcome;
      // An alert that comes behind the handshake, as those on client certificates do in TLS 1.3, is told as an error, then as
      // the end of the connection. undici would report the end.
      socket?.once('error', (error: Error) => socket.destroy(error));
      callback(...outcome);
    });
  };
}

/** Made at the first connection: what another OpenSSL than that of its check refuses costs this endpoint only. */
function contextOf({ ca, cert, key }: EndpointTls): SecureContext {
  try {
    return createSecureContext({ ca, cert, key });
  } catch (error) {
    throw new TlsSettingsError(error as Error);
  }
}
