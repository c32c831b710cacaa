import type { ReactNode } from 'react';
import { Checkbox as AriaCheckbox } from 'react-aria-components';
import { Icon } from './icon.tsx';

interface CheckboxProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export function Checkbox({ label, isOn, onChange }: CheckboxProps): ReactNode {
  return (
    <AriaCheckbox className="checkbox" isSelected={isOn} onChange={onChange}>
      <span className="checkbox-box">{isOn && <Icon name="check" />}</span>
      {label}
    </AriaCheckbox>
  );
}
