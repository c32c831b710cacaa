/** Short words about what was just done. */
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { useT } from '../i18n/i18n.tsx';
import { IconButton } from './button.tsx';
import { describeProblem } from './problem-notice.tsx';

interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

interface Toasts {
  readonly say: (text: string, tone?: Toast['tone']) => void;
  /** for what a person did and that did not work */
  readonly fail: (error: unknown) => void;
}

const Context = createContext<Toasts>({ say: () => undefined, fail: () => undefined });
const LIFE_MS = 6_000;

export function useToasts(): Toasts {
  return useContext(Context);
}

export function ToastProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const t = useT();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const next = useRef(1);
  const drop = useCallback((id: number) => setToasts((now) => now.filter((toast) => toast.id !== id)), []);
  const say = useCallback(
    (text: string, tone: Toast['tone'] = 'good') => {
      const id = next.current++;
      setToasts((now) => [...now.slice(-2), { id, tone, text }]);
      // a fault stays until it was read
      if (tone === 'good') setTimeout(() => drop(id), LIFE_MS);
    },
    [drop],
  );
  const fail = useCallback(
    (error: unknown) => {
      const { text, detail } = describeProblem(error, t);
      say(detail && detail !== text ? `${text} ${detail}` : text, 'bad');
    },
    [say, t],
  );
  return (
    <Context value={{ say, fail }}>
      {children}
      <div className="toasts" role="status">
        {toasts.map((toast) => (
          <div className="toast" key={toast.id} data-tone={toast.tone}>
            <span className="grow">{toast.text}</span>
            <IconButton icon="cross" label={t('action.close')} onPress={() => drop(toast.id)} />
          </div>
        ))}
      </div>
    </Context>
  );
}
