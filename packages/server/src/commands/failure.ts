/** A command that could not do its work: exit 1. The message is what the user reads. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
}

/** Nobody answered, or not now: it may go well later. */
export class Unreachable extends Failure {
  override readonly name = 'Unreachable';
}
