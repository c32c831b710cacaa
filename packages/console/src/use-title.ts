import { useEffect } from 'react';

/** Names the tab. */
export function useTitle(page: string): void {
  useEffect(() => {
    document.title = `${page} · Portrait`;
  }, [page]);
}
