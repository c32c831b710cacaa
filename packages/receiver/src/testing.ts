/** For tests of a receiver: signed requests, a sender that behaves badly, a clock that stands still. */
export { ManualClock } from './manual-clock.ts';
export { type CallbackParts, profileBody, type SampleChange, signedParts, signedRequest } from './signed-request.ts';
export {
  createSender,
  type SendAllOptions,
  type Sender,
  type SenderOptions,
  type SentAttempt,
  type SentCallback,
} from './test-sender.ts';
