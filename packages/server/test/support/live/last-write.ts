/** What may be read where changes make no callback: the last value that was acknowledged, or one that came after it. */

/** Values that one caller writes one after the other. */
export class LastWrite {
  #possible: readonly (string | undefined)[] = [undefined];

  /** The values that a reader may see; undefined = none. */
  get possible(): readonly (string | undefined)[] {
    return this.#possible;
  }

  /** A value is about to be sent. @returns to be called when it is acknowledged */
  sent(value: string): () => void {
    this.#possible = [...this.#possible, value];
    return () => {
      this.#possible = [value];
    };
  }
}
