import type { ReactNode } from 'react';
import type { Tone } from './badge.tsx';
import { Icon, type IconName } from './icon.tsx';

const ICONS: Readonly<Record<Tone, IconName>> = {
  good: 'check',
  warn: 'warning',
  bad: 'warning',
  hold: 'hold',
  accent: 'info',
  calm: 'info',
};

interface NoticeProps {
  readonly tone: Tone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  /** read aloud when it appears */
  readonly isLive?: boolean;
}

export function Notice({ tone, title, children, isLive = false }: NoticeProps): ReactNode {
  return (
    <div className="notice" data-tone={tone} role={isLive ? 'alert' : undefined}>
      <Icon name={ICONS[tone]} />
      <div className="stack stack-s grow">
        {title && <div className="notice-title">{title}</div>}
        {children}
      </div>
    </div>
  );
}
