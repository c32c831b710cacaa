import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { SECTIONS } from './sections.ts';

/** "g" waits so long for its second letter. */
const PREFIX_MS = 1_200;
/** Where "/" leads. */
export const SEARCH_ID = 'search-deliveries';

interface ShortcutOptions {
  readonly sdkAppId: number;
  readonly onHelp: () => void;
}

/** Single keys, while nobody writes and nothing stands over the page. */
export function useShortcuts({ sdkAppId, onHelp }: ShortcutOptions): void {
  const [location, navigate] = useLocation();
  const prefixAt = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      const isSecond = performance.now() - prefixAt.current < PREFIX_MS;
      prefixAt.current = 0;
      const section = isSecond ? SECTIONS.find(({ key }) => key === event.key) : undefined;
      if (section) navigate(`/${sdkAppId}/${section.path}`);
      else if (event.key === 'g') prefixAt.current = performance.now();
      else if (event.key === '?') onHelp();
      else if (event.key === '/') {
        if (location.split('/')[2] !== 'deliveries') navigate(`/${sdkAppId}/deliveries`);
        focusSearch();
      } else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [sdkAppId, onHelp, location, navigate]);
}

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"]')) return true;
  return target instanceof HTMLElement && target.closest('input, textarea, [role="listbox"], [role="menu"]') !== null;
}

/** The page that has it may still be on its way. */
function focusSearch(tries = 60): void {
  const field = document.getElementById(SEARCH_ID);
  if (field) field.focus();
  else if (tries > 0) requestAnimationFrame(() => focusSearch(tries - 1));
}
