import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useT } from '../i18n/i18n.tsx';
import icon from '../icon.svg';
import { useSession } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Tip } from '../ui/tip.tsx';
import { AppSwitcher } from './app-switcher.tsx';
import { PageSettings } from './page-settings.tsx';
import { SECTIONS } from './sections.ts';

interface SideProps {
  readonly sdkAppId: number;
  readonly onHelp: () => void;
}

export function Side({ sdkAppId, onHelp }: SideProps): ReactNode {
  const t = useT();
  const [location] = useLocation();
  const { role, signOut, version } = useSession();
  const current = location.split('/')[2];
  return (
    <div className="side">
      <Link href="/" className="brand">
        <img src={icon} alt="" />
        Portrait
      </Link>
      <AppSwitcher sdkAppId={sdkAppId} />
      <nav className="nav" aria-label={t('nav.label')}>
        {SECTIONS.map(({ path, icon: name, label }) => (
          <Link key={path} href={`/${sdkAppId}/${path}`} aria-current={current === path ? 'page' : undefined}>
            <Icon name={name} />
            {t(label)}
          </Link>
        ))}
      </nav>
      <div className="side-foot">
        {role === 'viewer' && (
          <Tip text={t('account.viewerHint')}>
            <Button kind="quiet">
              <Badge tone="accent" icon="info">
                {t('account.viewer')}
              </Badge>
            </Button>
          </Tip>
        )}
        <PageSettings />
        <div className="cluster spread">
          <Button kind="quiet" onPress={signOut}>
            {t('account.signOut')}
          </Button>
          <span className="small muted">{version}</span>
          <IconButton icon="info" label={t('help.open')} onPress={onHelp} />
        </div>
      </div>
    </div>
  );
}
