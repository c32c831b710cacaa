/** Clients of the WebSocket door, kept by a process of their own: how a measurement starts it, and what the two say to each other. */
import { type Child, startChild } from './child.ts';
import type { BenchApp } from './client.ts';

/** What the process is started with. */
export interface FleetOptions {
  readonly port: number;
  readonly sdkAppId: number;
  readonly secretKey: string;
  /** its clients' users: so many, from this number on */
  readonly firstUser: number;
  readonly users: number;
}

/** Verb `stay`: log all users in at an even rate and keep them there. Answers with LoginTimes. */
export interface StayOrder {
  readonly perSecond: number;
}

/** Verb `visit`: log users in, each in turn, and close each connection after a while. Answers with LoginTimes. */
export interface VisitOrder {
  readonly perSecond: number;
  readonly seconds: number;
  readonly stayMs: number;
}

/** How logins went. */
export interface LoginTimes {
  readonly logins: number;
  readonly failures: number;
  /** milliseconds from the connecting to the reply to the login */
  readonly p50: number;
  readonly p99: number;
}

/** Answer of the verb `state`. */
export interface FleetState {
  /** of the clients that stay */
  readonly open: number;
  /** heartbeats and hellos that were not answered with success */
  readonly faults: number;
  /** pushes since `arrivals` was asked last */
  readonly pushes: number;
}

/** Answer of the verb `arrivals`: the number in the nick that was pushed, and when it was read: epoch milliseconds. */
export type Arrival = readonly [number: number, at: number];

/** Start a process with clients of some users. Their UserSigs are made when it is ready. */
export function startFleet(
  server: Child,
  { sdkAppId, secretKey }: BenchApp,
  users: Pick<FleetOptions, 'firstUser' | 'users'>,
): Promise<Child> {
  const options: FleetOptions = { port: server.port, sdkAppId, secretKey, ...users };
  return startChild('./client-fleet.ts', [JSON.stringify(options)]);
}
