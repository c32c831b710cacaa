import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { Notice } from '../ui/notice.tsx';

const ASK_MS = 3_000;
/** While it is away. */
const AWAY_ASK_MS = 700;

/** Says so while the server does not answer, and has everything read anew when it does. */
export function OfflineNotice(): ReactNode {
  const t = useT();
  const { moment } = useFormats();
  const [sinceMs, setSinceMs] = useState<number>();
  const { data: isThere } = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => isReachable(signal),
    refetchInterval: ({ state }) => (state.data === false ? AWAY_ASK_MS : ASK_MS),
    refetchIntervalInBackground: false,
  });
  useEffect(() => {
    if (isThere === false) setSinceMs((known) => known ?? Date.now());
    if (isThere) setSinceMs(undefined);
  }, [isThere]);
  if (sinceMs === undefined) return null;
  return (
    <div className="offline">
      <Notice tone="warn" isLive>
        {t('offline.text', { time: moment(sinceMs) })}
      </Notice>
    </div>
  );
}

async function isReachable(signal: AbortSignal): Promise<boolean> {
  try {
    return (await fetch('/healthz', { signal })).ok;
  } catch {
    return false;
  }
}
