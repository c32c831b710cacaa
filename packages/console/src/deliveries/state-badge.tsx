import type { ReactNode } from 'react';
import type { DeliveryState } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { Badge, type Tone } from '../ui/badge.tsx';
import type { IconName } from '../ui/icon.tsx';

const LOOKS: Readonly<Record<DeliveryState, readonly [tone: Tone, icon: IconName]>> = {
  delivered: ['good', 'check'],
  pending: ['calm', 'clock'],
  retrying: ['warn', 'retry'],
  waiting: ['calm', 'queue'],
  held: ['hold', 'hold'],
  dead: ['bad', 'cross'],
  skipped: ['calm', 'skip'],
};

export const DELIVERY_STATES = Object.keys(LOOKS) as readonly DeliveryState[];

export function StateBadge({ state }: { readonly state: DeliveryState }): ReactNode {
  const t = useT();
  const [tone, icon] = LOOKS[state];
  return (
    <Badge tone={tone} icon={icon}>
      {t(`state.${state}`)}
    </Badge>
  );
}

/** @returns colour of what is said about a delivery in this state */
export function toneOf(state: DeliveryState): Tone {
  return LOOKS[state][0];
}
