/** Why the feed can't be read as asked for. */
export type FeedErrorKind =
  /** the cursor is none of this app's feed */
  | 'foreign'
  /** the log does not have what follows on the cursor: removed, or never there */
  | 'gone'
  /** the app has as many streams as it may */
  | 'app-full'
  /** the server has as many streams as it may */
  | 'full'
  /** the server stops */
  | 'stopping';

/** A request to the feed that can't be served; `kind` tells why. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
  readonly kind: FeedErrorKind;
  /** of `gone`: from where the log can be read */
  readonly oldestCursor: string | undefined;

  constructor(kind: FeedErrorKind, message: string, oldestCursor?: string) {
    super(message);
    this.kind = kind;
    this.oldestCursor = oldestCursor;
  }
}
