/** The request target with which a client opens its WebSocket. */
import type { FrameForm } from './client-socket.ts';

/** What it says. */
export interface ClientTarget {
  readonly form: FrameForm;
  readonly sdkAppId: number;
  /** number of the client's platform; NaN if it says none */
  readonly platform: number;
}

const BINARY_PATH = '/binfo';
const TEXT_PATH = '/info';
const SDK_APP_ID = /^[1-9]\d{0,9}$/;

/** Whether a request is for the door of clients. */
export function isClientTarget(target: string): boolean {
  const [path] = target.split('?', 1);
  return path === BINARY_PATH || path === TEXT_PATH;
}

/**
 * Read `/binfo?sdkappid=…&platform=7&compress=gzip&…`; other parameters are not looked at.
 *
 * @returns what is wrong, as a sentence, if it names no app
 */
export function parseClientTarget(target: string): ClientTarget | string {
  const [path, query = ''] = target.split('?', 2);
  const parameters = new URLSearchParams(query);
  const sdkAppId = parameters.get('sdkappid') ?? '';
  if (!SDK_APP_ID.test(sdkAppId)) return 'sdkappid: expected a decimal number, the SDKAppID';
  return {
    form: { isBinary: path === BINARY_PATH, mayCompress: parameters.get('compress') === 'gzip' },
    sdkAppId: Number(sdkAppId),
    platform: Number(parameters.get('platform') ?? Number.NaN),
  };
}
