/** Navigation and keys around the pages of an app. */
import { type ReactNode, useEffect, useState } from 'react';
import { Dialog as AriaDialog, Modal, ModalOverlay } from 'react-aria-components';
import { useLocation } from 'wouter';
import { CrashBoundary } from '../crash-boundary.tsx';
import { useT } from '../i18n/i18n.tsx';
import icon from '../icon.svg';
import { IconButton } from '../ui/button.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { OfflineNotice } from './offline-notice.tsx';
import { Side } from './side.tsx';
import { useShortcuts } from './use-shortcuts.ts';

interface ShellProps {
  readonly sdkAppId: number;
  readonly children: ReactNode;
}

export function Shell({ sdkAppId, children }: ShellProps): ReactNode {
  const t = useT();
  const [location] = useLocation();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  useShortcuts({ sdkAppId, onHelp: () => setHelpOpen(true) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page was opened
  useEffect(() => setMenuOpen(false), [location]);
  const side = <Side sdkAppId={sdkAppId} onHelp={() => setHelpOpen(true)} />;
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t('skip.toContent')}
      </a>
      <header className="topbar">
        <IconButton icon="menu" label={t('nav.menu')} onPress={() => setMenuOpen(true)} />
        <div className="brand">
          <img src={icon} alt="" />
          Portrait
        </div>
      </header>
      <header className="sidebar">{side}</header>
      <ModalOverlay className="overlay" isOpen={isMenuOpen} onOpenChange={setMenuOpen} isDismissable>
        <Modal className="drawer">
          <AriaDialog aria-label={t('nav.menu')}>{side}</AriaDialog>
        </Modal>
      </ModalOverlay>
      <main className="main" id="content" tabIndex={-1}>
        <OfflineNotice />
        <CrashBoundary key={location.split('/')[2]}>{children}</CrashBoundary>
      </main>
      <HelpDialog isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}
