/** A test user who is logged in, one way or the other. */

export interface PlaygroundUser {
  readonly userId: string;
  /** @param option  name of the field as the Web SDK has it */
  readonly change: (field: PlaygroundField, value: string) => Promise<void>;
  readonly logout: () => Promise<void>;
}

/** Fields that are simple to try: texts. */
interface PlaygroundField {
  readonly tag: string;
  /** name in the options of the Web SDK */
  readonly option: string;
}
