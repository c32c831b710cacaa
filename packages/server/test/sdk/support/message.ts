/** What the process of a client and the test tell each other, as JSON. */
import type { ConnectionMoment, Frame } from './frame.ts';

/** Official packages that a client can be made of. */
export type SdkPackage = '@tencentcloud/chat' | 'tim-js-sdk';

export const SDK_PACKAGES: readonly SdkPackage[] = ['@tencentcloud/chat', 'tim-js-sdk'];

/** What the process of a client is started with, as its first argument. */
export interface ChildStart {
  readonly package: SdkPackage;
  /** the only address of the whole world that may be spoken to */
  readonly port: number;
}

/** Test to client. */
export type Order =
  | { readonly kind: 'create'; readonly id: number; readonly options: Readonly<Record<string, unknown>> }
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: 'exit' };

/** Stands for an argument that can't be sent as JSON, since it is made by another method of the SDK. */
export interface ResultOf {
  readonly resultOf: readonly [method: string, ...args: unknown[]];
}

export function resultOf(method: string, ...args: readonly unknown[]): ResultOf {
  return { resultOf: [method, ...args] };
}

/** An event of the SDK. */
export interface SdkEvent {
  /** key in TencentCloudChat.EVENT */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: shapes are the SDK's; tests look into them
  readonly data: any;
  readonly atMs: number;
}

/** A line that the SDK logged. */
export interface LoggedLine {
  readonly level: string;
  readonly text: string;
  readonly atMs: number;
}

/** Client to test. */
export type Report =
  | { readonly kind: 'started' }
  | { readonly kind: 'returned'; readonly id: number; readonly value?: unknown }
  | { readonly kind: 'threw'; readonly id: number; readonly code?: number; readonly message: string }
  | { readonly kind: 'event'; readonly event: SdkEvent }
  | { readonly kind: 'frame'; readonly frame: Frame | ConnectionMoment }
  | { readonly kind: 'line'; readonly line: LoggedLine }
  /** an exception or rejection that nobody caught */
  | { readonly kind: 'uncaught'; readonly text: string }
  /** an attempt to speak to anything but the server under test */
  | { readonly kind: 'violation'; readonly text: string };
