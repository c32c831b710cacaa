import { createContext, useContext } from 'react';
import type { ConsoleSession } from '../api/types.ts';

export interface Session extends ConsoleSession {
  readonly signOut: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** @throws Error outside of the gate */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('no session here');
  return session;
}

/** Whether the reader may change anything. */
export function useCanWrite(): boolean {
  return useSession().role === 'admin';
}
