/**
 * Cursors of the change feed: opaque texts that say up to which event of each lane a reader has everything.
 *
 * Base64url of: form, SDKAppID, when the app was made, number of lanes, the lowest seq, and for each lane how far its seq lies above that.
 * Numbers are varints, so that one lane takes 20 to 24 characters and 256 lanes of like length about 700. When the app was made is
 * in it since a removed SDKAppID may be given out again, to an app whose log begins anew.
 */

/** Up to where a reader has an app's log. */
export interface FeedPosition {
  readonly sdkAppId: number;
  readonly appCreatedAtMs: number;
  /** by lane: the seq up to which, itself included, it has everything; 0 = nothing */
  readonly seqs: readonly number[];
}

/** Longer ones are refused unread: 256 lanes take 2,771 at the very most. */
export const MAX_CURSOR_CHARACTERS = 4_096;

const FORM = 1;

export function formatFeedCursor({ sdkAppId, appCreatedAtMs, seqs }: FeedPosition): string {
  const lowest = Math.min(...seqs);
  const bytes: number[] = [];
  for (const value of [FORM, sdkAppId, appCreatedAtMs, seqs.length, lowest]) pushVarint(bytes, value);
  for (const seq of seqs) pushVarint(bytes, seq - lowest);
  return Buffer.from(bytes).toString('base64url');
}

/** @returns undefined if the text is no cursor that `formatFeedCursor` gave */
export function parseFeedCursor(raw: string): FeedPosition | undefined {
  if (raw.length > MAX_CURSOR_CHARACTERS) return undefined;
  const numbers = readVarints(Buffer.from(raw, 'base64url'));
  const [form, sdkAppId, appCreatedAtMs, laneCount, lowest, ...rest] = numbers;
  if (form !== FORM || laneCount === 0 || laneCount !== rest.length || numbers.length < 6) return undefined;
  const position = {
    sdkAppId: sdkAppId as number,
    appCreatedAtMs: appCreatedAtMs as number,
    seqs: rest.map((above) => (lowest as number) + above),
  };
  // one text for each position: what reads alike but is written otherwise was not given out here
  return position.seqs.every(Number.isSafeInteger) && formatFeedCursor(position) === raw ? position : undefined;
}

/** Seven bits to a byte, the lowest first; the top bit says that more follow. Values may need 53 bits. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}

/** @returns the numbers; those that are cut off or too large for a number are found out by writing them anew */
function readVarints(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let [value, scale] = [0, 1];
  for (const byte of bytes) {
    value += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    numbers.push(value);
    [value, scale] = [0, 1];
  }
  return numbers;
}
