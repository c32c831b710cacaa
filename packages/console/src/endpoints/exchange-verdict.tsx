/** What came of a test call. */
import type { ReactNode } from 'react';
import type { TestExchange } from '../api/types.ts';
import { Headers } from '../deliveries/attempt-exchange.tsx';
import { describeReason } from '../deliveries/reason-words.ts';
import { Waterfall } from '../deliveries/waterfall.tsx';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { Code } from '../ui/code.tsx';
import { Notice } from '../ui/notice.tsx';

export function ExchangeVerdict({ exchange }: { readonly exchange: TestExchange }): ReactNode {
  const t = useT();
  const { duration } = useFormats();
  const { outcome, reason, detail, request, answer, durationMs } = exchange;
  const words = reason === undefined ? undefined : describeReason(reason, t);
  return (
    <div className="stack">
      {outcome === 'delivered' ? (
        <Notice tone="good" title={t('endpoint.testOk', { time: duration(durationMs) })} isLive />
      ) : (
        <Notice tone="bad" title={words?.what ?? t('endpoint.testFailed')} isLive>
          {detail && <p className="mono small">{detail}</p>}
          {words && <p>{words.todo}</p>}
        </Notice>
      )}
      <Waterfall attempt={exchange} />
      {answer && (
        <div className="stack stack-s">
          <h3 className="small">
            {t('delivery.answer')} {answer.status}
          </h3>
          <Headers headers={answer.headers} title={t('delivery.answerHeaders')} />
          {answer.body && <Code text={answer.body} label={t('delivery.answerBody')} />}
        </div>
      )}
      <details>
        <summary className="small">{t('delivery.request')}</summary>
        <div className="stack stack-s">
          <p className="mono small wrap">
            {request.method} {request.url}
          </p>
          <Headers headers={request.headers} title={t('delivery.requestHeaders')} />
          <Code text={request.body} label={t('delivery.requestBody')} />
        </div>
      </details>
    </div>
  );
}
