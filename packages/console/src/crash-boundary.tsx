import { Component, type ReactNode } from 'react';
import { useT } from './i18n/i18n.tsx';
import { Button } from './ui/button.tsx';
import { Empty } from './ui/empty.tsx';

interface Props {
  readonly children: ReactNode;
}

/** A fault in a page leaves words behind, not nothing. */
export class CrashBoundary extends Component<Props, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <Crash /> : this.props.children;
  }
}

function Crash(): ReactNode {
  const t = useT();
  return (
    <main>
      <Empty icon="warning" title={t('crash.title')} text={t('crash.text')}>
        <Button kind="primary" onPress={() => location.reload()}>
          {t('crash.reload')}
        </Button>
      </Empty>
    </main>
  );
}
