import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, take } from '../api/client.ts';
import type { App, User } from '../api/types.ts';
import { shortTag } from '../deliveries/short-tag.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Select } from '../ui/select.tsx';
import { useToasts } from '../ui/toasts.tsx';
import { changedFields, type FormField, faultOfValue, formFields, hintOf } from './profile-field.ts';

const NOT_SET = '';

interface ProfileFormProps {
  readonly app: App;
  readonly user: User;
}

/** A profile by the table of fields; only what was changed is sent. */
export function ProfileForm({ app, user }: ProfileFormProps): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const { say } = useToasts();
  const fields = formFields(app.customFields);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const textOf = (tag: string): string => texts[tag] ?? String(user.fields[tag] ?? '');
  const changed = changedFields(fields, texts, user.fields);
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/admin/v1/apps/{sdkAppId}/users/{userId}', {
          params: { path: { sdkAppId: app.sdkAppId, userId: user.userId } },
          body: { fields: changed },
        }),
      ),
    onSuccess: ({ version }) => {
      setTexts({});
      say(t('user.saved', { version }));
    },
  });
  const faults = fields.filter((field) => faultOfValue(field, textOf(field.tag), t) !== undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (faults.length > 0) return;
    if (Object.keys(changed).length === 0) say(t('user.nothing'));
    else save.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="form-grid">
        {fields.map((field) => (
          <ProfileFieldInput
            key={field.tag}
            field={field}
            text={textOf(field.tag)}
            isSet={user.fields[field.tag] !== undefined}
            isDisabled={!canWrite}
            onChange={(text) => {
              save.reset();
              setTexts((before) => ({ ...before, [field.tag]: text }));
            }}
          />
        ))}
      </div>
      {save.error && <ProblemNotice error={save.error} />}
      <div>
        <Button type="submit" kind="primary" isDisabled={!canWrite || save.isPending || faults.length > 0}>
          {save.isPending ? t('action.saving') : t('action.save')}
        </Button>
      </div>
    </form>
  );
}

interface ProfileFieldInputProps {
  readonly field: FormField;
  readonly text: string;
  /** it has a value that is stored */
  readonly isSet: boolean;
  readonly isDisabled: boolean;
  readonly onChange: (text: string) => void;
}

function ProfileFieldInput({ field, text, isSet, isDisabled, onChange }: ProfileFieldInputProps): ReactNode {
  const t = useT();
  const name = shortTag(field.tag);
  const label = field.isCustom ? `${name} (${t('user.custom')})` : name;
  if (field.kind === 'enum') {
    // what is set can be changed, and not be unset
    const options = field.values.map((id) => ({ id, label: id.replace(/^.*_(Type_)?/, '') }));
    return (
      <Select
        label={label}
        options={isSet ? options : [{ id: NOT_SET, label: t('user.notSet') }, ...options]}
        value={text}
        onChange={onChange}
        isDisabled={isDisabled}
      />
    );
  }
  return (
    <TextField
      label={label}
      hint={hintOf(field, text, t)}
      value={text}
      onChange={onChange}
      error={faultOfValue(field, text, t)}
      isDisabled={isDisabled}
      {...(field.kind === 'number' && { inputMode: 'numeric' as const })}
    />
  );
}
