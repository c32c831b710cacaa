import type { ReactNode } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { isMessageKey, type Translate, useT } from '../i18n/i18n.tsx';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/** @returns what went wrong, and what to do about it */
export function describeProblem(error: unknown, t: Translate): { readonly text: string; readonly detail: string } {
  if (!(error instanceof ApiProblem)) return { text: t('problem.500'), detail: String(error) };
  if (error.status === 0) return { text: t('problem.unreachable'), detail: '' };
  const key = `problem.${error.status}`;
  const text = isMessageKey(key) ? t(key, { seconds: error.retryAfterSeconds ?? 1 }) : '';
  return text ? { text, detail: error.message } : { text: error.message, detail: '' };
}

/** A call that did not succeed. @param onRetry  what the button does */
export function ProblemNotice(props: { readonly error: unknown; readonly onRetry?: () => void }): ReactNode {
  const t = useT();
  if (!props.error) return null;
  const { text, detail } = describeProblem(props.error, t);
  return (
    <Notice tone="bad" title={t('problem.title')} isLive>
      <p>{text}</p>
      {detail && <p className="mono small">{detail}</p>}
      {props.onRetry && (
        <div>
          <Button icon="retry" onPress={props.onRetry}>
            {t('action.retry')}
          </Button>
        </div>
      )}
    </Notice>
  );
}
