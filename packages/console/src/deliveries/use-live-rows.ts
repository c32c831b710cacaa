import { useCallback, useEffect, useRef, useState } from 'react';
import { followDeliveries } from '../api/live.ts';
import type { DeliveryRow } from './delivery-row.ts';
import { type Filters, fits } from './filters.ts';

/** More than this is not kept in a page: the list is read anew then. */
const MAX_FRESH = 20_000;

/** What came since the list was read. */
export interface LiveRows {
  /** deliveries that are new, oldest first */
  readonly fresh: readonly DeliveryRow[];
  /** new states of deliveries, by id */
  readonly states: ReadonlyMap<string, DeliveryRow>;
  readonly reset: () => void;
}

const NOTHING = {
  fresh: [] as readonly DeliveryRow[],
  states: new Map<string, DeliveryRow>() as ReadonlyMap<string, DeliveryRow>,
};

interface LiveOptions {
  readonly sdkAppId: number;
  readonly filters: Filters;
  readonly isOn: boolean;
  /** it is on: what is shown may lack the last moment */
  readonly onStart: () => void;
  /** what is shown has gaps */
  readonly onGap: () => void;
}

/** At most five times a second there is something new. */
export function useLiveRows({ sdkAppId, filters, isOn, onStart, onGap }: LiveOptions): LiveRows {
  const [shown, setShown] = useState(NOTHING);
  const known = useRef(new Map<string, DeliveryRow>());
  const reset = useCallback(() => {
    known.current = new Map();
    setShown(NOTHING);
  }, []);
  useEffect(() => {
    reset();
    if (!isOn) return;
    return followDeliveries(sdkAppId, {
      onStart,
      onGap,
      onUpdates: (updates) => {
        if (known.current.size > MAX_FRESH) return onGap();
        for (const update of updates) known.current.set(update.deliveryId, update);
        const fresh: DeliveryRow[] = [];
        for (const row of known.current.values()) if (fits(row, filters)) fresh.push(row);
        // what comes from another node can be a second older than what is there
        fresh.sort(compareTime);
        setShown({ fresh, states: new Map(known.current) });
      },
    });
  }, [sdkAppId, filters, isOn, onStart, onGap, reset]);
  return { ...shown, reset };
}

function compareTime({ at: one }: DeliveryRow, { at: other }: DeliveryRow): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
