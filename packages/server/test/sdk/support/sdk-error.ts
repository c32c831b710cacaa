/** What the SDK rejected with. */
export class SdkError extends Error {
  /** of the reply, or the SDK's own (2000 to 3999) */
  readonly code: number | undefined;

  constructor(message: string, code: number | undefined) {
    super(message);
    this.name = 'SdkError';
    this.code = code;
  }
}
