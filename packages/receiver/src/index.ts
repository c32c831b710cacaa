export type { CallbackEvent, OtherCallback, ProfileUpdated } from './event.ts';
export type { CallbackHeaders, CallbackRequest } from './request.ts';
export {
  type AcceptedCallback,
  type CallbackDelivery,
  type RefusalReason,
  type RefusedCallback,
  type VerifyOptions,
  verifyCallback,
} from './verify.ts';
