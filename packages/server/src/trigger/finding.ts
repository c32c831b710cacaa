/** What `portrait trigger` has to say of a receiver. */

/** Something that is wrong, or worth knowing. */
export interface Finding {
  /** `problem`: callbacks get lost, or forged ones get in. `note`: works, and could be better */
  readonly kind: 'problem' | 'note';
  /** for programs */
  readonly code: string;
  /** what was seen, one sentence */
  readonly what: string;
  /** what to do about it, one sentence */
  readonly advice: string;
}

export function problem(code: string, what: string, advice: string): Finding {
  return { kind: 'problem', code, what, advice };
}

export function note(code: string, what: string, advice: string): Finding {
  return { kind: 'note', code, what, advice };
}
