import type { ReactNode } from 'react';

/** Lines on a grid of 16, drawn for this console. */
const PATHS = {
  overview: 'M2.5 13.5h11M4.5 11V7.5M8 11V3.5M11.5 11V6',
  deliveries: 'M2.5 4h8M2.5 8h11M2.5 12h6M12 10.5l1.5 1.5-1.5 1.5',
  endpoints: 'M8 2.5v3M8 10.5v3M2.5 8h3M10.5 8h3M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  replays: 'M3 8a5 5 0 1 0 1.6-3.7L3 5.8M3 2.8v3h3',
  users: 'M8 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.6-2.6 2.5-3.8 5-3.8s4.4 1.2 5 3.8',
  settings: 'M2.5 5h7M12.5 5h1M2.5 11h1M6.5 11h7M11 3.5v3M5 9.5v3',
  usersig: 'M6 10.5a3 3 0 1 1 2.4-4.8M8.2 6.5l5.3 5.3v1.7h-2M6 7.5h.01',
  playground: 'M4.5 3l7.5 5-7.5 5z',
  apps: 'M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z',
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3',
  retry: 'M12.5 8A4.5 4.5 0 1 1 11 4.6L12.5 6M12.5 3v3h-3',
  hand: 'M8 2.5l5.5 10.5h-11zM8 6.5v3M8 11.3v.01',
  hold: 'M5.5 4v8M10.5 4v8',
  skip: 'M3 8h8M8.5 5l3 3-3 3M13.5 4v8',
  queue: 'M8 3.5v.01M8 8v.01M8 12.5v.01',
  search: 'M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5',
  copy: 'M6 6h7v7.5H6zM10 6V2.5H3V10h3',
  link: 'M6.8 9.2l2.4-2.4M7.5 4.8l1.3-1.3a2.6 2.6 0 0 1 3.7 3.7l-1.3 1.3M8.5 11.2l-1.3 1.3a2.6 2.6 0 0 1-3.7-3.7l1.3-1.3',
  chevron: 'M5 6.5l3 3 3-3',
  right: 'M6.5 4.5l3.5 3.5-3.5 3.5',
  left: 'M9.5 4.5L6 8l3.5 3.5',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  plus: 'M8 3.5v9M3.5 8h9',
  pause: 'M5.5 4v8M10.5 4v8',
  play: 'M5 3.5l7 4.5-7 4.5z',
  info: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 7.5v3M8 5.3v.01',
  warning: 'M8 2.5l5.5 10.5h-11zM8 6.5v3M8 11.3v.01',
  account: 'M3 5h10M3 11h10M6.5 3.5v3M9.5 9.5v3',
  key: 'M6 10.5a3 3 0 1 1 2.4-4.8M8.2 6.5l5.3 5.3v1.7h-2',
  bolt: 'M9 2.5L4 9h3.5L7 13.5 12 7H8.5z',
} as const;

export type IconName = keyof typeof PATHS;

/** For the eye alone: the words stand beside it. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
