import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  Select as AriaSelect,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from 'react-aria-components';
import { Icon } from './icon.tsx';

export interface SelectOption {
  readonly id: string;
  readonly label: string;
}

interface SelectProps {
  readonly label: string;
  readonly options: readonly SelectOption[];
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly hint?: string;
  readonly className?: string;
  readonly isDisabled?: boolean;
  readonly isLabelHidden?: boolean;
}

/** One of a few. */
export function Select(props: SelectProps): ReactNode {
  const { label, options, value, onChange, hint, className = '', isDisabled = false, isLabelHidden = false } = props;
  return (
    <AriaSelect
      className={`field ${className}`}
      value={value}
      onChange={(key) => onChange(String(key))}
      isDisabled={isDisabled}
    >
      <Label className={isLabelHidden ? 'visually-hidden' : 'field-label'}>{label}</Label>
      <AriaButton className="select-button">
        <SelectValue className="cut" />
        <Icon name="chevron" />
      </AriaButton>
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <Popover className="popover" offset={4}>
        <ListBox items={options}>
          {(option) => (
            <ListBoxItem id={option.id} className="option" textValue={option.label}>
              {option.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
