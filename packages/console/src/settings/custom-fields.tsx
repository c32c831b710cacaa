import { CUSTOM_TAG_PREFIX } from '@portrait/wire';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import type { App, CustomField } from '../api/types.ts';
import { type Translate, useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Select, type SelectOption } from '../ui/select.tsx';
import { useUpdateApp } from './use-update-app.ts';

type Roles = CustomField['read'];
type RoleChoice = 'user' | 'admin' | 'both';

function choiceOf(roles: Roles): RoleChoice {
  return roles.length > 1 ? 'both' : (roles[0] ?? 'both');
}

function rolesOf(choice: string): Roles {
  return choice === 'both' ? ['user', 'admin'] : [choice as 'user' | 'admin'];
}

function roleOptions(t: Translate): readonly SelectOption[] {
  return (['both', 'user', 'admin'] as const).map((id) => ({ id, label: t(`settings.role.${id}`) }));
}

export function CustomFields({ app }: { readonly app: App }): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const save = useUpdateApp(app.sdkAppId);
  const { customFields } = app;
  const replace = (tag: string, change: Partial<CustomField>): void =>
    save.mutate({ customFields: customFields.map((field) => (field.tag === tag ? { ...field, ...change } : field)) });
  return (
    <section className="card">
      <h2 className="card-head">{t('settings.custom')}</h2>
      <div className="card-body stack">
        <p className="small muted">{t('settings.customHint')}</p>
        {customFields.length === 0 && <p className="small muted">{t('settings.customNone')}</p>}
        <ul className="field-rows">
          {customFields.map(({ tag, type, read, write }) => (
            <li key={tag} className="field-row">
              <span>
                <code>{tag.slice(CUSTOM_TAG_PREFIX.length)}</code>{' '}
                <span className="small muted">{t(`settings.customType.${type}`)}</span>
              </span>
              <span />
              <Select
                label={t('settings.read')}
                options={roleOptions(t)}
                value={choiceOf(read)}
                onChange={(choice) => replace(tag, { read: rolesOf(choice) })}
                isDisabled={!canWrite}
              />
              <Select
                label={t('settings.write')}
                options={roleOptions(t)}
                value={choiceOf(write)}
                onChange={(choice) => replace(tag, { write: rolesOf(choice) })}
                isDisabled={!canWrite}
              />
            </li>
          ))}
        </ul>
        {canWrite && <NewField app={app} />}
        {save.error && <ProblemNotice error={save.error} />}
      </div>
    </section>
  );
}

function NewField({ app }: { readonly app: App }): ReactNode {
  const t = useT();
  const save = useUpdateApp(app.sdkAppId);
  const [name, setName] = useState('');
  const [type, setType] = useState<CustomField['type']>('string');
  const [read, setRead] = useState('both');
  const [write, setWrite] = useState('both');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const field = { tag: `${CUSTOM_TAG_PREFIX}${name.trim()}`, type, read: rolesOf(read), write: rolesOf(write) };
    save.mutate({ customFields: [...app.customFields, field] }, { onSuccess: () => setName('') });
  };
  const fault = save.error instanceof ApiProblem ? save.error.faultOf('customFields') : undefined;
  return (
    <form className="stack stack-s" onSubmit={submit}>
      <div className="form-grid">
        <TextField
          label={t('settings.customTag')}
          hint={t('settings.customTagHint')}
          value={name}
          onChange={setName}
          error={fault}
          maxLength={8}
          isRequired
          isMono
        />
        <Select
          label={t('settings.customType')}
          options={(['string', 'bytes'] as const).map((id) => ({ id, label: t(`settings.customType.${id}`) }))}
          value={type}
          onChange={(id) => setType(id as CustomField['type'])}
        />
        <Select label={t('settings.read')} options={roleOptions(t)} value={read} onChange={setRead} />
        <Select label={t('settings.write')} options={roleOptions(t)} value={write} onChange={setWrite} />
      </div>
      {save.error && !fault && <ProblemNotice error={save.error} />}
      <div>
        <Button type="submit" icon="plus" isDisabled={save.isPending}>
          {t('settings.customAdd')}
        </Button>
      </div>
    </form>
  );
}
