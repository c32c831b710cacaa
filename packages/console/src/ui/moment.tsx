import type { ReactNode } from 'react';
import { useFormats } from '../i18n/format.ts';

/** A moment in the local zone; UTC and milliseconds on hover. */
export function Moment({
  at,
  isExact = false,
}: {
  readonly at: string | number;
  readonly isExact?: boolean;
}): ReactNode {
  const { moment, exact, utc } = useFormats();
  return (
    <time className="numbers" dateTime={new Date(at).toISOString()} title={`${exact(at)}\n${utc(at)}`}>
      {isExact ? exact(at) : moment(at)}
    </time>
  );
}
