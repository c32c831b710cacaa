import { STANDARD_TAGS } from '@portrait/wire';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import type { App } from '../api/types.ts';
import { shortTag } from '../deliveries/short-tag.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/checkbox.tsx';
import { TextField } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { type AppChange, useUpdateApp } from './use-update-app.ts';

export function GeneralSettings({ app }: { readonly app: App }): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const save = useUpdateApp(app.sdkAppId);
  const [form, setForm] = useState(() => ({
    name: app.name,
    administrators: app.administrators.join('\n'),
    rateLimitPerSecond: String(app.rateLimitPerSecond),
    maxSessionsPerPlatform: String(app.maxSessionsPerPlatform),
    announceImports: app.announceImports,
    userWritableFields: app.userWritableFields as readonly string[],
  }));
  const set = (change: Partial<typeof form>): void => setForm((before) => ({ ...before, ...change }));
  const faultOf = (member: string): string | undefined =>
    save.error instanceof ApiProblem ? save.error.faultOf(member) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({
      ...form,
      administrators: form.administrators
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
      rateLimitPerSecond: Number(form.rateLimitPerSecond),
      maxSessionsPerPlatform: Number(form.maxSessionsPerPlatform),
      userWritableFields: form.userWritableFields as NonNullable<AppChange['userWritableFields']>,
    });
  };
  const isTold = ['name', 'administrators', 'rateLimitPerSecond', 'maxSessionsPerPlatform'].some(faultOf);
  return (
    <form className="card" onSubmit={submit}>
      <h2 className="card-head">{t('settings.general')}</h2>
      <div className="card-body stack stack-l">
        <div className="form-grid">
          <TextField
            label={t('apps.name')}
            value={form.name}
            onChange={(name) => set({ name })}
            error={faultOf('name')}
            maxLength={64}
            isRequired
          />
          <TextField
            label={t('settings.rateLimit')}
            hint={t('settings.rateLimitHint')}
            type="number"
            min={0}
            value={form.rateLimitPerSecond}
            onChange={(rateLimitPerSecond) => set({ rateLimitPerSecond })}
            error={faultOf('rateLimitPerSecond')}
            isRequired
          />
          <TextField
            label={t('settings.maxSessions')}
            hint={t('settings.maxSessionsHint')}
            type="number"
            min={0}
            max={100}
            value={form.maxSessionsPerPlatform}
            onChange={(maxSessionsPerPlatform) => set({ maxSessionsPerPlatform })}
            error={faultOf('maxSessionsPerPlatform')}
            isRequired
          />
        </div>
        <TextField
          label={t('settings.administrators')}
          hint={t('settings.administratorsHint')}
          value={form.administrators}
          onChange={(administrators) => set({ administrators })}
          error={faultOf('administrators')}
          isLong
          isMono
          isRequired
        />
        <Switch
          label={t('settings.announceImports')}
          isOn={form.announceImports}
          onChange={(announceImports) => set({ announceImports })}
        />
        <fieldset className="stack stack-s">
          <legend className="field-label">{t('settings.writable')}</legend>
          <div className="checks">
            {STANDARD_TAGS.map(({ tag }) => (
              <Checkbox
                key={tag}
                label={shortTag(tag)}
                isOn={form.userWritableFields.includes(tag)}
                onChange={(isOn) =>
                  set({
                    userWritableFields: isOn
                      ? [...form.userWritableFields, tag]
                      : form.userWritableFields.filter((one) => one !== tag),
                  })
                }
              />
            ))}
          </div>
        </fieldset>
        {save.error && !isTold && <ProblemNotice error={save.error} />}
        <div>
          <Button type="submit" kind="primary" isDisabled={!canWrite || save.isPending}>
            {save.isPending ? t('action.saving') : t('action.save')}
          </Button>
        </div>
      </div>
    </form>
  );
}
