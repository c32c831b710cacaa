import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useT } from '../i18n/i18n.tsx';
import { IconButton } from './button.tsx';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly isWide?: boolean;
  /** closed by its own buttons alone: what it shows is not shown again */
  readonly isKept?: boolean;
  readonly children: ReactNode;
}

export function Dialog(props: DialogProps): ReactNode {
  const t = useT();
  const { title, isOpen, onClose, isWide = false, isKept = false, children } = props;
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isKept}
      isKeyboardDismissDisabled={isKept}
    >
      <Modal className="modal" data-wide={isWide || undefined}>
        <AriaDialog className="dialog">
          <div className="cluster spread">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {!isKept && <IconButton icon="cross" label={t('action.close')} onPress={onClose} />}
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
