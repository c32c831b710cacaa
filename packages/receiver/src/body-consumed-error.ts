/**
 * The raw body is gone: something has read and parsed it before the receiver. Without its bytes no signature can be
 * verified, so this is a mistake of the app and not of the sender; the message names what to write instead.
 */
export class BodyConsumedError extends Error {
  override readonly name = 'BodyConsumedError';

  /** @param remedy  what to write, one sentence */
  constructor(remedy: string) {
    super(`something read the body before the receiver, which needs its bytes. ${remedy}`);
  }
}
