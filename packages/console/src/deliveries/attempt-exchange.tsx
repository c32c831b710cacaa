/** What one attempt sent and got, and where its time went. */
import type { ReactNode } from 'react';
import type { Attempt } from '../api/types.ts';
import { useT } from '../i18n/i18n.tsx';
import { Code } from '../ui/code.tsx';
import { Notice } from '../ui/notice.tsx';
import { describeReason } from './reason-words.ts';
import { Waterfall } from './waterfall.tsx';

export function AttemptExchange({ attempt }: { readonly attempt: Attempt }): ReactNode {
  const t = useT();
  const { reason, detail, request, answerHeaders, answer, stage, outcome } = attempt;
  const words = reason === undefined ? undefined : describeReason(reason, t);
  return (
    <>
      {words && (
        <Notice tone="bad" title={words.what}>
          {detail && <p className="mono small">{detail}</p>}
          <p>{words.todo}</p>
        </Notice>
      )}
      <Waterfall attempt={attempt} />
      {request && (
        <div className="stack stack-s">
          <h4 className="small">{t('delivery.request')}</h4>
          <p className="mono small wrap">
            {request.method} {request.url}
          </p>
          {request.rebuilt && <p className="small muted">{t('delivery.rebuilt')}</p>}
          <Headers headers={request.headers} title={t('delivery.requestHeaders')} />
          <Code text={request.body} label={t('delivery.requestBody')} />
        </div>
      )}
      <div className="stack stack-s">
        <h4 className="small">{t('delivery.answer')}</h4>
        {stage && outcome !== 'delivered' && (
          <p className="small muted">{t('delivery.noAnswer', { stage: t(`stage.${stage}`) })}</p>
        )}
        {answerHeaders && <Headers headers={answerHeaders} title={t('delivery.answerHeaders')} />}
        {answer ? (
          <Code text={answer} label={t('delivery.answerBody')} />
        ) : (
          attempt.status !== undefined && <p className="small muted">{t('delivery.emptyAnswer')}</p>
        )}
      </div>
    </>
  );
}

/** @param headers  of the test call of an endpoint one that came more than once is a list */
export function Headers(props: {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly title: string;
}): ReactNode {
  return (
    <details>
      <summary className="small">{props.title}</summary>
      <dl className="facts headers mono">
        {Object.entries(props.headers).map(([name, values]) => (
          <div className="facts-row" key={name}>
            <dt>{name}</dt>
            <dd>{[values].flat().join('\n')}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
