import type { ReactNode } from 'react';
import type { Endpoint } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { Badge, type Tone } from '../ui/badge.tsx';
import type { IconName } from '../ui/icon.tsx';

const LOOKS: Readonly<Record<Endpoint['state'], readonly [Tone, IconName]>> = {
  active: ['good', 'check'],
  paused: ['hold', 'pause'],
  open: ['bad', 'bolt'],
};

export function EndpointState({ state }: { readonly state: Endpoint['state'] }): ReactNode {
  const t = useT();
  const [tone, icon] = LOOKS[state];
  return (
    <Badge tone={tone} icon={icon}>
      {t(`endpoint.state.${state}`)}
    </Badge>
  );
}
