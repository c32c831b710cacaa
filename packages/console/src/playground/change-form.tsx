import { STANDARD_TAGS } from '@portrait/wire';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { shortTag } from '../deliveries/short-tag.ts';
import { useT } from '../i18n/i18n.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { Select } from '../ui/select.tsx';
import { faultOfValue, hintOf } from '../users/profile-field.ts';
import type { PlaygroundUser } from './playground-user.ts';

const TEXTS = STANDARD_TAGS.filter(({ type }) => type === 'string');

interface ChangeFormProps {
  readonly user: PlaygroundUser;
  readonly onLogout: () => void;
}

export function ChangeForm({ user, onLogout }: ChangeFormProps): ReactNode {
  const t = useT();
  const [tag, setTag] = useState(TEXTS[0]?.tag ?? '');
  const [value, setValue] = useState('');
  const field = TEXTS.find((one) => one.tag === tag);
  const shape = { tag, kind: 'text', values: [], isCustom: false } as const;
  const fault = faultOfValue(shape, value, t);
  const change = useMutation({
    mutationFn: async () => {
      if (field) await user.change(field, value);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!fault) change.mutate();
  };
  return (
    <form className="card card-body stack" onSubmit={submit}>
      <div className="cluster spread">
        <Badge tone="good" icon="check">
          {t('playground.loggedIn', { user: user.userId })}
        </Badge>
        <Button kind="quiet" onPress={onLogout}>
          {t('playground.logout')}
        </Button>
      </div>
      <Select
        label={t('playground.field')}
        options={TEXTS.map((one) => ({ id: one.tag, label: shortTag(one.tag) }))}
        value={tag}
        onChange={setTag}
      />
      <TextField
        label={t('playground.value')}
        hint={hintOf(shape, value, t)}
        value={value}
        onChange={setValue}
        error={fault}
      />
      {change.error && <ProblemNotice error={change.error} />}
      <div>
        <Button type="submit" kind="primary" icon="bolt" isDisabled={change.isPending || fault !== undefined}>
          {change.isPending ? t('playground.changing') : t('playground.change')}
        </Button>
      </div>
    </form>
  );
}
