import type { AppAnswer } from '../../admin/app-schemas.ts';
import { printFacts } from '../output.ts';

/** Print an app, one line per member. */
export function printApp(app: AppAnswer): void {
  printFacts([
    ['SDKAppID', String(app.sdkAppId)],
    ['Name', app.name],
    ['Secret key', app.secretKey ?? 'hidden; --reveal shows it'],
    ['Administrators', app.administrators.join(', ')],
    ...app.customFields.map(
      ({ tag, type, read, write }) =>
        ['Custom field', `${tag}, ${type}, read by ${read.join(' and ')}, written by ${write.join(' and ')}`] as const,
    ),
    ['Rate limit', app.rateLimitPerSecond === 0 ? 'none' : `${app.rateLimitPerSecond} calls per second and command`],
    ['Imports', app.announceImports ? 'make callbacks' : 'make no callbacks'],
    ['Created', app.createdAt],
  ]);
}
