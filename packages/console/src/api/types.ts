/** Names for the shapes of the admin API's description. */
import type { components } from './schema.d.ts';

type Schemas = components['schemas'];

export type App = Schemas['App'];
export type Endpoint = Schemas['Endpoint'];
export type EndpointEvent = Schemas['EndpointEvent'];
export type Delivery = Schemas['Delivery'];
export type Attempt = Schemas['Attempt'];
export type ChangeEvent = Schemas['ChangeEvent'];
export type ConsoleSession = Schemas['ConsoleSession'];
export type DeliveryState = Delivery['state'];
export type Why = Schemas['Why'];
export type TestExchange = Schemas['TestExchange'];
export type Stats = Schemas['Stats'];
export type Replay = Schemas['Replay'];
export type User = Schemas['User'];
export type CustomField = App['customFields'][number];
export type UserSigVerdict = Schemas['UserSigVerdict'];
