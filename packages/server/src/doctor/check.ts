/** What `portrait doctor` has seen of one thing. */
export interface Check {
  readonly area: 'settings' | 'data folder' | 'store' | 'clock' | 'server' | 'endpoint';
  /** `skipped`: it could not be seen, or needs what is not there */
  readonly status: 'ok' | 'warning' | 'problem' | 'skipped';
  /** one sentence */
  readonly what: string;
  /** what to do; absent if there is nothing to do */
  readonly advice?: string;
  /** which one, if there are several */
  readonly endpointId?: string;
}
