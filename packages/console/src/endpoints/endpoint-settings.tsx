import { CALLBACK_COMMANDS } from '@portrait/wire';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, take } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { Endpoint } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { useCanWrite } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Select } from '../ui/select.tsx';
import { Switch } from '../ui/switch.tsx';
import { useToasts } from '../ui/toasts.tsx';
import { successOptions } from './success-options.ts';

const NUMBERS = ['timeoutMs', 'maxAttempts', 'concurrency', 'ratePerSecond'] as const;

interface EndpointSettingsProps {
  readonly endpoint: Endpoint;
  readonly sdkAppId: number;
}

export function EndpointSettings({ endpoint, sdkAppId }: EndpointSettingsProps): ReactNode {
  const t = useT();
  const canWrite = useCanWrite();
  const { say } = useToasts();
  const [form, setForm] = useState(() => ({
    url: endpoint.url,
    success: endpoint.success,
    payload: endpoint.payload,
    onDead: endpoint.onDead,
    commands: endpoint.commands,
    timeoutMs: String(endpoint.timeoutMs),
    maxAttempts: String(endpoint.maxAttempts),
    concurrency: String(endpoint.concurrency),
    ratePerSecond: String(endpoint.ratePerSecond),
  }));
  const set = (change: Partial<typeof form>): void => setForm((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () => {
      const numbers = Object.fromEntries(NUMBERS.map((name) => [name, Number(form[name])]));
      return take(
        api.PATCH('/admin/v1/apps/{sdkAppId}/endpoints/{endpointId}', {
          params: { path: { sdkAppId, endpointId: endpoint.endpointId } },
          body: { ...form, ...numbers } as never,
        }),
      );
    },
    onSuccess: () => say(t('state.saved')),
  });
  const faultOf = (member: string): string | undefined =>
    save.error instanceof ApiProblem ? save.error.faultOf(member) : undefined;
  const isTold = ['url', ...NUMBERS].some(faultOf);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="card card-body stack stack-l" onSubmit={submit}>
      <TextField
        label={t('endpoints.url')}
        value={form.url}
        onChange={(url) => set({ url })}
        error={faultOf('url')}
        isMono
        isRequired
      />
      <fieldset className="stack stack-s">
        <legend className="field-label">{t('endpoint.commands')}</legend>
        {(CALLBACK_COMMANDS as Endpoint['commands']).map((command) => (
          <Switch
            key={command}
            label={command}
            isOn={form.commands.includes(command)}
            onChange={(isOn) =>
              set({ commands: isOn ? [...form.commands, command] : form.commands.filter((one) => one !== command) })
            }
          />
        ))}
      </fieldset>
      <div className="form-grid">
        {NUMBERS.map((name) => (
          <TextField
            key={name}
            label={t(`endpoint.${name}`)}
            hint={t(`endpoint.${name}Hint`)}
            type="number"
            min={0}
            value={form[name]}
            onChange={(value) => set({ [name]: value })}
            error={faultOf(name)}
            isRequired
          />
        ))}
        <Select
          label={t('endpoint.success')}
          options={successOptions(t)}
          value={form.success}
          onChange={(id) => set({ success: id as Endpoint['success'] })}
        />
        <Select
          label={t('endpoint.payload')}
          options={(['tencent', 'extended'] as const).map((id) => ({ id, label: t(`endpoint.payload.${id}`) }))}
          value={form.payload}
          onChange={(id) => set({ payload: id as Endpoint['payload'] })}
        />
        <Select
          label={t('endpoint.onDead')}
          options={(['skip', 'hold'] as const).map((id) => ({ id, label: t(`endpoint.onDead.${id}`) }))}
          value={form.onDead}
          onChange={(id) => set({ onDead: id as Endpoint['onDead'] })}
        />
      </div>
      {save.error && !isTold && <ProblemNotice error={save.error} />}
      <div>
        <Button type="submit" kind="primary" isDisabled={!canWrite || save.isPending}>
          {save.isPending ? t('action.saving') : t('action.save')}
        </Button>
      </div>
    </form>
  );
}
