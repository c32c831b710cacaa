export { BodyConsumedError } from './body-consumed-error.ts';
export type { Begun, CallbackStore, StoredCallback } from './callback-store.ts';
export type { Clock } from './clock.ts';
export type { CallbackCommand } from './commands.ts';
export { type CallbackHandler, type CallbackReply, createHandler, type RuntimeContext } from './create-handler.ts';
export type {
  CallbackEvent,
  EventOf,
  RawEvent,
} from './event.ts';
export {
  type AnswerMembers,
  type CallbackContext,
  type EventHandler,
  type HandlerOptions,
  LateError,
} from './handler-options.ts';
export type { CallbackHeaders, IncomingCallback } from './incoming.ts';
export { memoryStore } from './memory-store.ts';
export type { ProfileEvent } from './profile-event.ts';
export { profilePatch } from './profile-patch.ts';
export type {
  CustomTagName,
  ProfilePatch,
  StandardProfileValues,
  StandardTagName,
  TypedProfileItem,
} from './profile-values.ts';
export type { Proof } from './prove.ts';
export {
  type CallbackDelivery,
  createVerifier,
  type RefusalReason,
  type RefusedCallback,
  RefusedError,
  type VerifiedCallback,
  type Verifier,
  verify,
  verifyOrThrow,
} from './verify.ts';
export type { AppOptions, Policy, VerifyOptions } from './verify-options.ts';
