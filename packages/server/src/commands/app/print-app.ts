import { STANDARD_TAGS } from '@portrait/wire';
import type { AppAnswer } from '../../admin/app-schemas.ts';
import { printFacts } from '../output.ts';
import { shortTag } from './options.ts';

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
    ['Users write', describeFields(app.userWritableFields)],
    ['Rate limit', app.rateLimitPerSecond === 0 ? 'none' : `${app.rateLimitPerSecond} calls per second and command`],
    ['Imports', app.announceImports ? 'make callbacks' : 'make no callbacks'],
    ['Sessions', describeSessions(app.maxSessionsPerPlatform)],
    ['Created', app.createdAt],
    ['Oldest event', app.oldestEventAt ?? undefined],
  ]);
}

function describeFields(tags: readonly string[]): string {
  if (tags.length === 0) return 'no standard field';
  return tags.length === STANDARD_TAGS.length ? 'all standard fields' : tags.map(shortTag).join(', ');
}

function describeSessions(max: number): string {
  return max === 0 ? 'as many as come' : `at most ${max} of a user per platform`;
}
