/** Rows as far as they are seen: the list may hold many thousands. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect } from 'react';
import { Link } from 'wouter';
import { useFormats } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { Moment } from '../ui/moment.tsx';
import type { DeliveryRow } from './delivery-row.ts';
import { shortTag } from './short-tag.ts';
import { StateBadge } from './state-badge.tsx';

const ROW_PX = 38;
/** More is fetched when so many rows are left below. */
const LEFT_BELOW = 40;

interface DeliveryListProps {
  readonly rows: readonly DeliveryRow[];
  readonly currentId: string | undefined;
  readonly hrefOf: (row: DeliveryRow) => string;
  readonly endpointName: (endpointId: string | null) => string;
  readonly scrollRef: RefObject<HTMLDivElement | null>;
  readonly onNearEnd: () => void;
  readonly onScroll: (isAtTop: boolean) => void;
}

export function DeliveryList(props: DeliveryListProps): ReactNode {
  const t = useT();
  const { rows, currentId, hrefOf, endpointName, scrollRef, onNearEnd, onScroll } = props;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => rows[index]?.deliveryId ?? index,
  });
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastSeen > rows.length - LEFT_BELOW) onNearEnd();
  }, [lastSeen, rows.length, onNearEnd]);
  const move = (event: KeyboardEvent, from: number): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, from + step));
    virtual.scrollToIndex(next);
    focusRow(scrollRef.current, next);
  };
  const reachable = rows.findIndex(({ deliveryId }) => deliveryId === currentId);
  return (
    <div className="list-scroll" ref={scrollRef} onScroll={(event) => onScroll(event.currentTarget.scrollTop < ROW_PX)}>
      {/* biome-ignore lint/a11y/useSemanticElements: rows stand at places of their own, which ul and li do not add to */}
      <div
        className="list-size"
        role="list"
        aria-label={t('deliveries.title')}
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map(({ index, start, key }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            // biome-ignore lint/a11y/useSemanticElements: see above
            <div
              key={key}
              role="listitem"
              className="list-item"
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Link
                href={hrefOf(row)}
                className="list-row"
                data-index={index}
                tabIndex={index === Math.max(0, reachable) ? 0 : -1}
                aria-current={row.deliveryId === currentId}
                onKeyDown={(event) => move(event, index)}
              >
                <RowCells row={row} endpoint={endpointName(row.endpointId)} />
              </Link>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RowCells({ row, endpoint }: { readonly row: DeliveryRow; readonly endpoint: string }): ReactNode {
  const { number } = useFormats();
  return (
    <>
      <span>
        <StateBadge state={row.state} />
      </span>
      <span className="cut mono">{row.userId}</span>
      <span className="muted numbers only-wide">#{number(row.sequence)}</span>
      <span className="cut only-wide">{row.tags.map(shortTag).join(', ')}</span>
      <span className="cut muted only-wide">{endpoint}</span>
      <span className="list-end">
        <Moment at={row.at} />
      </span>
    </>
  );
}

/** It may have to be drawn first. */
function focusRow(list: HTMLElement | null, index: number, tries = 10): void {
  const row = list?.querySelector<HTMLElement>(`[data-index="${index}"]`);
  if (row) row.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusRow(list, index, tries - 1));
}
