import type { Command } from 'commander';
import type { TestExchange } from '../../admin/test-exchange.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { Failure } from '../failure.ts';
import { print, printable, printJson } from '../output.ts';
import { formatWaterfall } from '../waterfall.ts';
import { ENDPOINT_ID, endpointPath } from './endpoint-path.ts';

/** `portrait endpoint test <endpointId>`. */
export function endpointTest(): Command {
  return newClientCommand('test', {
    summary: 'send a sample callback now and show the whole exchange; exit 1 if it was not accepted',
    examples: ['portrait endpoint test ep_1a2b3c4d5e6f7g8h', 'portrait endpoint test ep_1a2b3c4d5e6f7g8h --json'],
  })
    .argument(...ENDPOINT_ID)
    .action(testEndpoint);
}

async function testEndpoint(endpointId: string, flags: ClientFlags): Promise<void> {
  const client = openClient(flags);
  const exchange = await client.send<TestExchange>('POST', `${await endpointPath(client, endpointId)}/test`);
  if (flags.json) printJson(exchange);
  else printExchange(exchange);
  const { outcome, reason, detail, durationMs } = exchange;
  if (outcome !== 'delivered') {
    throw new Failure(
      `Failed after ${durationMs.toFixed(1)} ms: ${reason ?? 'unknown'}${detail ? `, ${detail}` : ''}.`,
    );
  }
  if (!flags.json) print(`Delivered in ${durationMs.toFixed(1)} ms.`);
}

function printExchange(exchange: TestExchange): void {
  const { request, answer } = exchange;
  printMessage('>', `${request.method} ${request.url}`, request);
  print();
  if (answer) {
    printMessage('<', `status ${answer.status}`, answer);
    print();
  }
  for (const line of formatWaterfall(exchange)) print(line);
}

function printMessage(
  mark: string,
  head: string,
  { headers, body }: Pick<NonNullable<TestExchange['answer']>, 'headers' | 'body'>,
): void {
  const lines = [head, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), ''];
  for (const line of [...lines, ...body.split('\n')]) print(`${mark} ${printable(line)}`.trimEnd());
}
