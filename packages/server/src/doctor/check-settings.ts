/** Settings that are well-formed and still not wise. */
import { isIP } from 'node:net';
import type { ServeConfig } from '../config.ts';
import type { Check } from './check.ts';

const SHORT_TOKEN_CHARACTERS = 16;

/** @param config  read already, so that each value for itself is right */
export function checkSettings(config: ServeConfig): readonly Check[] {
  const faults: Check[] = [];
  const { host, adminToken, metricsToken, webhookAllow = [], diskWarnBytes, diskReserveBytes } = config;
  const isOpen = host !== 'localhost' && !(isIP(host) > 0 && /^(127\.|::1$)/.test(host));
  if (adminToken !== undefined && adminToken.length < SHORT_TOKEN_CHARACTERS) {
    const what = `--admin-token has ${adminToken.length} characters, and opens everything.`;
    faults.push(warning(what, 'Take one of 32 random characters, or none: the server then makes one.'));
  }
  if (isOpen && metricsToken === undefined) {
    faults.push(warning(`/metrics is open to all who reach ${host}.`, 'Set --metrics-token.'));
  }
  if (webhookAllow.some((network) => /\/0$/.test(network))) {
    const what = '--webhook-allow lets callbacks go to every address, those of cloud metadata too.';
    faults.push(warning(what, 'Name the networks of your receivers alone.'));
  }
  if (diskReserveBytes > 0 && diskWarnBytes > 0 && diskWarnBytes <= diskReserveBytes) {
    const what = '--disk-warn is not above --disk-reserve: changes are refused before anybody is warned.';
    faults.push(warning(what, 'Make --disk-warn the larger one.'));
  }
  const address = `${host}:${config.port}`;
  return faults.length > 0
    ? faults
    : [{ area: 'settings', status: 'ok', what: `They are right; serve listens on ${address}.` }];
}

function warning(what: string, advice: string): Check {
  return { area: 'settings', status: 'warning', what, advice };
}
