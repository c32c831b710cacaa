import type { ReactNode, Ref } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { Icon, type IconName } from './icon.tsx';
import { Tip } from './tip.tsx';

interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className'> {
  readonly kind?: 'primary' | 'danger' | 'quiet';
  readonly icon?: IconName;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind, icon, children, ...rest }: ButtonProps): ReactNode {
  return (
    <AriaButton {...rest} className="button" data-kind={kind}>
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<AriaButtonProps, 'children' | 'className'> {
  readonly icon: IconName;
  /** what it does: read aloud, and shown on hover and focus */
  readonly label: string;
}

export function IconButton({ icon, label, ...rest }: IconButtonProps): ReactNode {
  return (
    <Tip text={label}>
      <AriaButton {...rest} className="button" data-kind="quiet" data-icon aria-label={label}>
        <Icon name={icon} />
      </AriaButton>
    </Tip>
  );
}
