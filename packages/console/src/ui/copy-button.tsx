import { type ReactNode, useEffect, useState } from 'react';
import { useT } from '../i18n/i18n.tsx';
import { Button, IconButton } from './button.tsx';
import type { IconName } from './icon.tsx';

interface CopyButtonProps {
  /** made when the button is pressed */
  readonly text: string | (() => string);
  readonly label?: string;
  readonly icon?: IconName;
  /** the icon alone, with the label on hover */
  readonly isSmall?: boolean;
}

export function CopyButton({ text, label, icon = 'copy', isSmall = false }: CopyButtonProps): ReactNode {
  const t = useT();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => {
    await copyText(typeof text === 'string' ? text : text());
    setCopied(true);
  };
  const shown = isCopied ? t('action.copied') : (label ?? t('action.copy'));
  const shownIcon = isCopied ? 'check' : icon;
  if (isSmall) return <IconButton icon={shownIcon} label={shown} onPress={() => void copy()} />;
  return (
    <Button icon={shownIcon} onPress={() => void copy()}>
      {shown}
    </Button>
  );
}

/** Browsers give the clipboard to https and loopback alone; elsewhere the old way is left. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text).catch(() => copyBySelection(text));
    return;
  }
  copyBySelection(text);
}

function copyBySelection(text: string): void {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
