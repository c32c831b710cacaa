import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'good' | 'warn' | 'bad' | 'hold' | 'accent' | 'calm';

/** A state: colour, icon and word, so that none of them has to carry it alone. */
export function Badge(props: {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <span className="badge" data-tone={props.tone}>
      <Icon name={props.icon} />
      {props.children}
    </span>
  );
}
