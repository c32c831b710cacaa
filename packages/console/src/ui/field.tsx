import { type HTMLAttributes, type ReactNode, type Ref, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly className?: string;
}

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'password' | 'number' | 'search' | 'url' | 'datetime-local';
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean;
  readonly isMono?: boolean;
  readonly isLong?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
  readonly autoComplete?: string;
  readonly inputMode?: HTMLAttributes<HTMLInputElement>['inputMode'];
  readonly ref?: Ref<HTMLInputElement>;
}

/** A line of text with its label, and what is to be known or is wrong. */
export function TextField(props: TextFieldProps): ReactNode {
  const id = useId();
  const { label, hint, error, className = '', value, onChange, isLong = false, isMono = false } = props;
  const shared = {
    id,
    value,
    className: `input${isMono ? ' mono' : ''}`,
    placeholder: props.placeholder,
    required: props.isRequired,
    disabled: props.isDisabled,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined,
    autoComplete: props.autoComplete ?? 'off',
    spellCheck: false,
    maxLength: props.maxLength,
  };
  return (
    <div className={`field ${className}`}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {isLong ? (
        <textarea {...shared} rows={4} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input
          {...shared}
          ref={props.ref}
          type={props.type ?? 'text'}
          min={props.min}
          max={props.max}
          step={props.type === 'datetime-local' ? 1 : undefined}
          inputMode={props.inputMode}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {hint && (
        <div className="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <div className="field-error" id={`${id}-error`}>
          {error}
        </div>
      )}
    </div>
  );
}
