import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';

interface CodeProps {
  readonly text: string;
  /** read aloud, as the name of the box */
  readonly label: string;
}

/** Text as it is; JSON is set with its members in lines, and coloured. */
export function Code({ text, label }: CodeProps): ReactNode {
  const pretty = prettyJson(text);
  return (
    <div className="code">
      <div className="code-tools">
        <CopyButton text={text} isSmall />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keyboard */}
      <section aria-label={label} tabIndex={0} className="code-box">
        <pre>{pretty === undefined ? text : colourJson(pretty)}</pre>
      </section>
    </div>
  );
}

function prettyJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;

function colourJson(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon = ''] = match;
    parts.push(text.slice(at, match.index));
    const kind = string === undefined ? 'code-number' : colon ? 'code-key' : 'code-string';
    parts.push(
      <span key={match.index} className={kind}>
        {string ?? whole}
      </span>,
      colon,
    );
    at = match.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}
