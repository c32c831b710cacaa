import { CALLBACK_PORTRAIT_SET } from '@portrait/wire';
import type { Command } from 'commander';
import { UsageError } from '../config.ts';
import { parseCidrs } from '../parse-setting.ts';
import { createSigner } from '../signing-keys.ts';
import type { Sender } from '../trigger/samples.ts';
import {
  type Check,
  checkedOption,
  duration,
  newCommand,
  option,
  parseValue,
  repeatedOption,
  webAddress,
  wholeNumber,
} from './command-line.ts';
import { Failure } from './failure.ts';
import { printJson } from './output.ts';
import { printFindings, printTried, reportJson } from './trigger/print-trial.ts';

interface Flags {
  readonly sdkAppId: number;
  readonly token?: string;
  readonly signingSecret?: readonly string[];
  readonly command: string;
  readonly timeout: number;
  readonly webhookAllow?: readonly string[];
  readonly json?: boolean;
}

const NOTE = `It sends changes of the user portrait-test, by an administrator and by himself, one of
them twice, and then such as must be refused: signed by somebody else, not signed, changed
on the way, ten minutes old, of another app, without content. No server is needed. What
Portrait sends carries portrait-sequence: 0, by which a receiver can tell samples.`;

/** `portrait trigger <url>`. */
export function trigger(summary: string): Command {
  return newCommand('trigger', {
    summary: `${summary}; exit 1 if something is wrong`,
    note: NOTE,
    examples: [
      'portrait trigger http://127.0.0.1:9000/callback --signing-secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'portrait trigger https://shop.example/chat --sdk-app-id 1400000001 --token s3cr3t --json',
    ],
  })
    .argument('<url>', 'where to send them, http or https')
    .addOption(
      checkedOption('--sdk-app-id <number>', 'SdkAppid of the callbacks', wholeNumber(1, 0xffff_fffe)).default(
        1_400_000_001,
      ),
    )
    .addOption(option('--token <token>', 'token of Sign (default: no Sign)'))
    .addOption(
      repeatedOption(
        '--signing-secret <secret>',
        'whsec_… or whsk_… of webhook-signature; can be repeated (default: none, and it is sent as Tencent sends)',
        secretCheck,
      ),
    )
    .addOption(
      checkedOption(
        '--command <name>',
        'another callback, of which command, user and time are sent',
        commandCheck,
      ).default(CALLBACK_PORTRAIT_SET),
    )
    .addOption(
      checkedOption('--timeout <duration>', 'how long to wait for each answer', duration('100ms', '30s')).default(
        2000,
        '2s, as Tencent',
      ),
    )
    .addOption(
      checkedOption('--webhook-allow <cidrs>', 'private addresses to send to (default: loopback alone)', cidrsCheck),
    )
    .addOption(option('--json', 'print JSON for programs'))
    .action(tryUrl);
}

/** Its value is a secret: no message repeats it. */
const secretCheck: Check<string> = {
  expects: 'a whsec_… or whsk_… secret',
  parse(raw) {
    if (createSigner(raw)) return raw;
    throw new UsageError('--signing-secret takes a whsec_… or whsk_… secret, as portrait endpoint add prints it.');
  },
};

const commandCheck: Check<string> = {
  expects: 'the name of a callback, such as Group.CallbackAfterSendMsg',
  parse: (raw) => (/^[A-Z]\w{0,63}\.[A-Z]\w{0,63}$/.test(raw) ? raw : undefined),
};

const cidrsCheck: Check<readonly string[]> = {
  expects: 'a list of CIDRs such as 10.0.0.0/8,fd00::/8, or "none"',
  parse: parseCidrs,
};

async function tryUrl(rawUrl: string, flags: Flags): Promise<void> {
  const url = readUrl(rawUrl);
  const {
    sdkAppId,
    command,
    token,
    signingSecret: signingSecrets = [],
    timeout: timeoutMs,
    webhookAllow = [],
    json,
  } = flags;
  const sender: Sender = { url, sdkAppId, command, token: token || undefined, signingSecrets };
  const { tryReceiver } = await import('../trigger/trigger.ts');
  const { triggerRule } = await import('../trigger/send.ts');
  const options = { timeoutMs, rule: triggerRule(webhookAllow) };
  const trial = await tryReceiver(sender, options, json ? undefined : printTried);
  const problems = trial.findings.filter(({ kind }) => kind === 'problem').length;
  if (json) printJson(reportJson({ url, sdkAppId, command }, trial));
  else printFindings(trial);
  if (problems > 0) throw new Failure(problems === 1 ? 'One problem.' : `${problems} problems.`);
}

function readUrl(raw: string): string {
  const url = new URL(parseValue('<url>', raw, webAddress));
  if (url.username || url.password) throw new UsageError('<url> takes an address without user and password.');
  return url.origin + url.pathname + url.search;
}
