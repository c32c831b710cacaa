/** How `portrait demo` shows its steps. */
import { styleText } from 'node:util';
import { describeItems } from '../describe-items.ts';
import { print, printable } from '../output.ts';
import type { Step } from './run-demo.ts';

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

/** Print a step for people. */
export function printStep(step: Step): void {
  const lines = describeStep(step).map(printable);
  const [head = '', ...rest] = lines;
  if (step.kind !== 'callback') {
    print(lines.join('\n'));
    return;
  }
  print(`  ${markOf(step)} ${head}`);
  for (const line of rest) print(`    ${line}`);
}

function describeStep(step: Step): readonly string[] {
  switch (step.kind) {
    case 'started':
      return [
        `Portrait runs at ${step.server}, with a store of its own that is removed at the end.`,
        `The app's backend listens at ${step.receiver}, made with @portrait/receiver.`,
      ];
    case 'logged-in':
      return ['', `${step.userId} logs in over WebSocket, as with the Web SDK.`];
    case 'change':
      return ['', describeChange(step)];
    case 'callback':
      return describeCallback(step);
    case 'pushed':
      return [`  ${step.userId}'s client has been told of it, too.`];
    case 'delivery':
      return describeDelivery(step);
  }
}

function describeChange({ by, userId, items, receiverFails }: StepOf<'change'>): string {
  const who = by === 'client' ? `${userId} changes her profile in the client` : 'An administrator changes it over REST';
  const but = receiverFails ? ', and the backend fails at it' : '';
  return `${who}${but}: ${describeItems(items).join(', ')}`;
}

function markOf({ isHandled }: StepOf<'callback'>): string {
  return isHandled ? styleText('green', '→ callback') : styleText('red', '→ callback');
}

function describeCallback({ event, context, isHandled }: StepOf<'callback'>): readonly string[] {
  const { webhookId, sequence, attempt, provedBy, platform } = context;
  return [
    `${webhookId}, attempt ${attempt}: change #${sequence} of ${event.userId}, by ${event.operatorId} (${platform})`,
    ...describeItems(event.items, event.previousItems),
    `verified by ${describeProof(provedBy)}; answered ${isHandled ? '200' : '500, so it comes again'}`,
  ];
}

function describeProof(provedBy: StepOf<'callback'>['context']['provedBy']): string {
  return provedBy === 'body-signature' ? 'webhook-signature and Sign' : provedBy;
}

function describeDelivery({ delivery }: StepOf<'delivery'>): readonly string[] {
  const attempts = delivery.attempts.map(({ number, outcome, status }) => `attempt ${number} ${outcome} (${status})`);
  return [`  The delivery log has it all: ${attempts.join(', ')}; ${delivery.eventId} is ${delivery.state}.`];
}

/** Print a step for programs, one line of JSON. */
export function printStepJson(step: Step): void {
  print(JSON.stringify(step.kind === 'callback' ? callbackJson(step) : step));
}

function callbackJson({ kind, event, context, isHandled }: StepOf<'callback'>): object {
  const { webhookId, attempt, sequence, provedBy, platform, clientIp, sdkAppId } = context;
  const { userId, operatorId, atMs, items, previousItems } = event;
  return {
    ...{ kind, sdkAppId, webhookId, attempt, sequence, userId, operatorId, platform, clientIp, atMs },
    ...{ items, previousItems, provedBy, isHandled },
  };
}
